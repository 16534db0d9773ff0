// SPDX-License-Identifier: MIT
#pragma once

// The reference: what a queue is to its user, in plain maps. It knows of no files but for what a
// hand can do to them, of no index and no recovery: after each step everything is as the manual
// pages say. The real queue is compared with it.

#include <chrono>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "libcore/base/ids.hpp"
#include "libcore/base/time.hpp"
#include "libcore/codec/receipt.hpp"
#include "libcore/queue/layout.hpp"
#include "tests/crashlab/model/step.hpp"

namespace model {

using core::Time;
using core::codec::Outcome;
using core::codec::Reason;
using core::queue::State;

// The dice of backoffs and holds always fall so.
inline constexpr double k_jitter = 0.5;

// How far ahead a hand sets the time of a file.
inline constexpr std::chrono::minutes k_touched{10};

struct Last {  // receipt
  Outcome outcome = Outcome::attempted;
  Reason reason = Reason::none;
  int attempts = 0;
  Time at;
};

struct Op {
  core::OperationId id;
  Draft draft;
  State state = State::pending;
  int attempts = 0;
  Reason reason = Reason::none;
  int receipts = 0;
  std::optional<Last> last{};
  std::optional<Time> not_before{};
  std::optional<Time> expires_at{};
  std::optional<Time> waits_until{};
  Time settled_at{};
  bool is_line = false;     // of a batch, without a file of its own
  bool is_damaged = false;  // nobody can read it
};

struct Sent {
  core::OperationId id;
  Reply reply = Reply::ok;
  bool operator==(const Sent&) const = default;
};

// What becomes of one draft of an enqueue: it is added, or an older operation is kept.
struct Taken {
  Label label;
  std::optional<Label> kept{};
};

class Reference {
 public:
  // Steps that make operations: what is to become of each draft; nullopt: all are refused.
  [[nodiscard]] std::optional<std::vector<Taken>> plan(const Step& step) const;
  void add(const Label& label, Op op);
  // All other steps. Returns what the servers get.
  std::vector<Sent> apply(const Step& step);
  void drop(const Label& label) { remove(label); }
  void forget_holds() { holds_.clear(); }
  // The newest operation of a key stays: what every step ends with.
  void tidy();

  [[nodiscard]] std::set<Label> named(const Step& step) const;  // those that are there

  std::map<Label, Op> ops;
  std::map<Label, core::OperationId> ids;  // of all that ever were
  Time now;
  bool ignores_lanes = false;  // wrong on purpose

 private:
  struct Hold {
    int failures = 0;
    Time set_at;
    Time until;
  };
  enum class BatchFile { pending, synced };
  class Run;

  std::vector<Sent> sync(const Step& step);
  void note(Op& op, Outcome outcome, Reason reason = Reason::none) const;
  void give_up(Op& op, Reason reason) const;
  void remove(const Label& label);
  void prune(Time before);
  void move_to_pending(Op& op) const;
  void unlink(const Label& label);
  [[nodiscard]] std::optional<Label> holder(const std::string& key) const;
  [[nodiscard]] bool has_lines(int step, std::optional<State> state) const;
  [[nodiscard]] bool is_available(const Op& op, bool ignores_times) const;

  std::map<char, Hold> holds_;        // by target
  std::map<int, BatchFile> batches_;  // by step
};

}  // namespace model
