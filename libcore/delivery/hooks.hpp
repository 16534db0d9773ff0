// SPDX-License-Identifier: MIT
#pragma once

// Hooks: programs of the user in hooks/ of the queue that are told of outcomes, after these have
// become durable: on-synced and on-failed. Each is given the receipt, one line, on standard input.
// What it prints is passed on when it has ended, at most 16 KiB of it.
//
// A hook can change nothing: what goes wrong with it is a warning. Delivery does not wait for
// hooks; at most four run at once, and never two for one operation. One that takes longer than its
// limit is asked to end (SIGTERM), and killed two seconds later. An outcome is told at most once: a
// crash between outcome and hook loses the telling, and so does a line of those that wait that is
// longer than 100,000 outcomes or 16 MiB of receipts. What goes wrong again and again in the same
// way is told once, and then how often, when no hook runs any more or after a minute.

#include <cstddef>
#include <cstdint>
#include <deque>
#include <functional>
#include <map>
#include <optional>
#include <set>
#include <span>
#include <string>
#include <vector>

#include "libcore/base/ids.hpp"
#include "libcore/base/time.hpp"
#include "libcore/codec/receipt.hpp"
#include "libcore/queue/settle.hpp"
#include "libcore/sys/child.hpp"
#include "libcore/sys/clock.hpp"
#include "libcore/sys/limited_child.hpp"
#include "libcore/sys/poll_set.hpp"

namespace core::delivery {

class Hooks {
 public:
  struct Parts {
    std::string queue_directory;  // absolute
    // All must outlive this. `wakes` is readable when there is something to tend.
    sys::Children& children;
    sys::PollSet& wakes;
    const sys::Clock& clock;
    std::function<void(const std::string&)> warn;
    std::function<void(const std::string&)> pass_on;  // whole lines that a hook has printed
  };
  explicit Hooks(Parts parts) : parts_(std::move(parts)) {}

  // Outcomes for hooks to be told of; starts what may start. `limit` is for each.
  void settled(std::span<const queue::Settlement> group, Duration limit);
  // Takes leave of those that have ended, ends those that take too long, starts others.
  void tend();
  [[nodiscard]] bool is_idle() const { return running_.empty() && waiting_.empty(); }
  // Since boot: when to tend although none has ended. nullopt: none runs.
  [[nodiscard]] std::optional<Duration> deadline() const;
  // Starts no more, and asks those that run to end now.
  void give_up();

 private:
  struct Job {
    OperationId id;
    std::string program;
    std::string type;
    codec::Outcome outcome = codec::Outcome::synced;
    std::string receipt;
    Duration limit{};
  };
  struct Running {
    sys::LimitedChild child;
    OperationId id;
    std::string program;
  };
  [[nodiscard]] std::optional<std::string> find(const std::string& name);
  void start_more();
  void start(const Job& job);
  // Whether it has ended.
  bool tend(Running& hook);
  void warn(const std::string& program, const OperationId& id, const std::string& what);
  void tell_repeated();

  Parts parts_;
  std::deque<Job> waiting_;
  std::size_t waiting_bytes_ = 0;  // of receipts
  std::vector<Running> running_;
  // Told: "hook NAME: what went wrong", and how often it did again.
  std::map<std::string, std::uint64_t> warnings_;
  Duration counted_since_{};
  std::set<std::string> refused_;  // told: why hooks are not run
};

}  // namespace core::delivery
