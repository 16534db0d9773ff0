// SPDX-License-Identifier: MIT
#pragma once

// One run of delivery: everything that is due is sent once, answers are judged, and outcomes are
// settled in groups (every 50 ms or 256 outcomes). The caller holds the queue's lock.
//
// What goes wrong with a destination holds that destination and charges nobody; what goes wrong
// with an operation charges that operation. A credential of an operation's or a type's own (a
// ${env:} in its headers) that is missing or refused holds those that have the same, and no others.
// Stopping (a signal, the time limit) abandons what is in flight: it stays pending and is sent
// again with the same idempotency key.

#include <chrono>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "libcore/base/enum_names.hpp"
#include "libcore/base/result.hpp"
#include "libcore/config/config.hpp"
#include "libcore/delivery/breaker.hpp"
#include "libcore/delivery/route.hpp"
#include "libcore/delivery/scheduler.hpp"
#include "libcore/delivery/secrets.hpp"
#include "libcore/delivery/targets.hpp"
#include "libcore/delivery/verdict.hpp"
#include "libcore/delivery/withheld.hpp"
#include "libcore/net/http.hpp"
#include "libcore/queue/operation_reader.hpp"
#include "libcore/queue/settle.hpp"
#include "libcore/queue/store.hpp"
#include "libcore/sys/clock.hpp"
#include "libcore/sys/random.hpp"

namespace core::delivery {

// What became of one operation in this run.
struct Report {
  enum class Outcome { delivered, retry, failed, held } outcome = Outcome::held;
  OperationId id;
  std::string type;
  std::string destination;
  Verdict verdict;
  int status = 0;  // HTTP; 0: no answer
  int attempts = 0;
  std::chrono::milliseconds elapsed{};
  std::optional<Time> again_at;
  codec::Reason reason = codec::Reason::none;
};

struct Summary {
  std::uint64_t delivered = 0;
  std::uint64_t retry = 0;       // charged, will be tried again
  std::uint64_t failed = 0;      // by this run, for good
  std::uint64_t unreadable = 0;  // could not be read or sent by this machine: warned of
  std::uint64_t bytes_out = 0;
  std::uint64_t bytes_in = 0;
  std::vector<HeldDestination> holds;
  bool out_of_time = false;
  bool stopped = false;
};

// Where the run tells what happens. Members may be empty.
struct Observer {
  std::function<void(const Report&)> on_report{};
  std::function<void(const Summary& so_far)> on_progress{};
  std::function<bool()> should_stop{};
  // Waits at most this long, less when a signal arrives. Absent: short holds are not waited for.
  std::function<void(std::chrono::milliseconds)> pause{};
  std::function<void(const std::string&)> on_warning{};
};

struct RunOptions {
  int concurrency = 16;
  std::optional<std::uint64_t> max_ops{};
  std::optional<Duration> timeout{};
  bool force = false;
  Scheduler::Options schedule{};
};

class SyncRun {
 public:
  // All references must outlive the run.
  struct Parts {
    queue::Store& store;
    Breakers& breakers;
    net::HttpClient& client;
    const Router& router;
    const Secrets& secrets;
    const config::RetryConfig& retry;
    const sys::Clock& clock;
    sys::Random& random;
  };

  SyncRun(Parts parts, RunOptions options, Observer observer);
  SyncRun(const SyncRun&) = delete;
  SyncRun& operator=(const SyncRun&) = delete;
  ~SyncRun();

  // Errors: io, full, of the queue itself. What was delivered before is settled all the same.
  Result<Summary> run();

 private:
  struct Flight;

  Result<> deliver();
  Result<> give_up_hopeless();
  Result<> give_up(queue::Entry entry, codec::Reason reason, std::string message);
  Result<> start_more();
  Result<bool> start_one();
  Result<> start(queue::Entry entry, const std::string& target);
  Result<bool> have_others_written();
  Result<> forget_vanished(const queue::Entry& entry);
  Result<> launch(Flight flight);
  Result<> not_started(Flight flight, const Error& error);
  Result<> pass_over(const Flight& flight, const Error& error);
  Result<> finish(net::HttpExchange exchange);
  Result<> judge(Flight flight, const net::HttpExchange& exchange);
  Result<> apply(Flight flight, const Verdict& verdict, const net::HttpExchange* exchange);
  Result<bool> refresh_credential(Flight& flight);
  Verdict weigh(const Flight& flight, const Verdict& verdict, const net::HttpExchange& exchange);
  Result<> keep(queue::Settlement settlement);
  Result<> flush_if_due();
  Result<> flush();
  Result<bool> wait_for_short_hold();
  [[nodiscard]] bool should_stop();
  void warn_of(const Result<>& done);
  void report(const Flight& flight, const Verdict& verdict, const queue::Transition& step,
              const net::HttpExchange* exchange);
  Result<> finish_summary();

  Parts parts_;
  RunOptions options_;
  Observer observer_;
  Scheduler scheduler_;
  queue::OperationReader reader_;
  queue::Settler settler_;
  Targets targets_;
  Duration started_{};
  Summary summary_;
  std::uint64_t sent_ = 0;
  std::uint64_t next_tag_ = 1;
  std::map<std::uint64_t, Flight> flights_;
  std::set<OperationId> busy_;     // in flight, or settled and not yet flushed
  std::set<OperationId> retried_;  // charged in this run, and pending again
  Withheld withheld_;
  std::vector<queue::Settlement> outcomes_;
  std::optional<Duration> oldest_outcome_;
  std::optional<Duration> looked_at_;  // when the index was asked for writes of others
  std::int64_t seen_version_ = 0;
  bool others_wrote_ = false;  // since the run began
};

}  // namespace core::delivery

template <>
inline constexpr std::array<std::string_view, 4> core::enum_names<core::delivery::Report::Outcome>{
    "delivered", "retry", "failed", "held"};
