// SPDX-License-Identifier: MIT
#pragma once

// One run of delivery: everything that is due is sent once, answers are judged, and outcomes are
// settled in groups (every 50 ms or 256 outcomes). The caller holds the queue's lock.
//
// What goes wrong with a destination holds that destination and charges nobody; what goes wrong
// with an operation charges that operation. A credential of an operation's or a type's own (a
// ${env:} in its headers) that is missing or refused holds those that have the same, and no others.
// Without a network all that is not on this machine waits, and charges nobody either.
//
// Stopping (a signal, the time limit) abandons what is in flight: it stays pending and is sent
// again with the same idempotency key.

#include <chrono>
#include <cstdint>
#include <deque>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "libcore/base/result.hpp"
#include "libcore/codec/envelope.hpp"
#include "libcore/config/config.hpp"
#include "libcore/delivery/allowance.hpp"
#include "libcore/delivery/batch_answer.hpp"
#include "libcore/delivery/breaker.hpp"
#include "libcore/delivery/commands.hpp"
#include "libcore/delivery/flight.hpp"
#include "libcore/delivery/id_set.hpp"
#include "libcore/delivery/network.hpp"
#include "libcore/delivery/outcomes.hpp"
#include "libcore/delivery/report.hpp"
#include "libcore/delivery/request_groups.hpp"
#include "libcore/delivery/route.hpp"
#include "libcore/delivery/scheduler.hpp"
#include "libcore/delivery/secrets.hpp"
#include "libcore/delivery/targets.hpp"
#include "libcore/delivery/verdict.hpp"
#include "libcore/delivery/withheld.hpp"
#include "libcore/net/http.hpp"
#include "libcore/queue/operation_reader.hpp"
#include "libcore/queue/store.hpp"
#include "libcore/sys/clock.hpp"
#include "libcore/sys/random.hpp"

namespace core::delivery {

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
    Withheld& withheld;  // kept by whoever does not want the same to be asked in the next run
    net::HttpClient& client;
    const Router& router;
    const Secrets& secrets;
    const config::RetryConfig& retry;
    const sys::Clock& clock;
    sys::Random& random;
    Network* network = nullptr;      // absent: nobody knows, and nobody wants to
    Commands* commands = nullptr;    // absent: none are run
    Allowance* allowance = nullptr;  // absent: as many bytes as one likes
  };

  SyncRun(Parts parts, RunOptions options, Observer observer);
  SyncRun(const SyncRun&) = delete;
  SyncRun& operator=(const SyncRun&) = delete;
  ~SyncRun();

  // Errors: io, full, of the queue itself. What was delivered before is settled all the same.
  Result<Summary> run();

 private:
  // sync_run.cpp: the run as a whole
  Result<> deliver();
  Result<> look_again();
  Result<> begin_round();
  Result<> give_up_hopeless();
  Result<> give_up(queue::Entry entry, codec::Reason reason, std::string message);
  void keep(queue::Settlement settlement);
  Result<> flush();
  Result<> flush_due();
  Result<> forget_settled(const Outcomes::Group& group);
  Result<bool> wait_for_short_hold();
  [[nodiscard]] bool may_start() const { return !observer_.may_start || observer_.may_start(); }
  [[nodiscard]] bool should_stop();
  void warn_of(const Result<>& done);
  void tell(const Report& report);
  void look_at_network();
  Result<> finish_summary();

  // sync_run_start.cpp: from what is due to a request under way
  Result<> start_more();
  Result<> look_for_writes();
  Result<bool> start_one();
  Result<> start(queue::Entry entry, const std::string& target);
  Result<bool> is_still_due(queue::Entry& entry);
  Result<std::optional<codec::Envelope>> read(const queue::Entry& entry);
  Result<std::optional<Flight>> book(queue::Entry entry, const codec::Envelope& operation,
                                     const std::string& target);
  Result<> forget_vanished(const queue::Entry& entry);
  Result<> launch(Flight flight);
  Result<> not_started(Flight flight, const Error& error);
  void pass_over(const OperationId& id, const Error& error);
  void put_back(Flight flight);

  // sync_run_budget.cpp: what may be spent
  [[nodiscard]] bool is_over_budget(const queue::Entry& entry);
  // nullopt: it has to wait, which has been seen to.
  Result<std::optional<Flight>> allow(Flight flight);
  void pass_over_budget(const Flight& flight, NetworkHold hold);
  void count_bytes(Flight& flight, const net::HttpExchange& exchange);
  void give_back(Flight& flight);
  Result<bool> start_paced();
  [[nodiscard]] std::chrono::milliseconds until_paced(std::chrono::milliseconds patience) const;
  Result<> send(Flight flight);

  // sync_run_command.cpp: operations that are commands
  Result<> launch_command(Flight flight);
  Result<std::optional<CommandJob>> job_of(const Flight& flight);
  Result<> finish_commands();
  Result<> finish_command(CommandEnd end);

  // sync_run_share.cpp: several operations in one request
  Result<> gather(Flight first, codec::Envelope first_operation);
  Result<> take_aboard(RequestGroups& groups, queue::Entry entry);
  Result<std::vector<queue::Entry>> next_alike(const Flight& first);
  Result<std::optional<Flight>> take_ready();
  Result<> drop_withdrawn(Flight& flight);
  [[nodiscard]] bool is_worth_splitting(const Flight& flight, const Verdict& verdict,
                                        const net::HttpExchange& exchange) const;
  void split(Flight flight, const net::HttpExchange& exchange);
  [[nodiscard]] std::uint64_t room_left() const;

  // sync_run_answer.cpp: from an answer to outcomes
  Result<> finish(net::HttpExchange exchange);
  Result<> judge(Flight flight, const net::HttpExchange& exchange);
  Result<> judge_each(Flight flight, const net::HttpExchange& exchange);
  Result<> apply_or_split(Flight flight, const Verdict& verdict, const net::HttpExchange& exchange);
  // `exchange` is nullptr when nobody was asked.
  Result<> apply(Flight flight, const Verdict& verdict, const net::HttpExchange* exchange);
  // One part for each operation, or one for all.
  Result<> decide(Flight flight, std::span<const PartAnswer> parts,
                  const net::HttpExchange* exchange);
  Result<> decide_one(const Flight& flight, Member member, const PartAnswer& part,
                      const net::HttpExchange* exchange, double jitter);
  void describe(const Flight& flight, const PartAnswer& part, const net::HttpExchange* exchange,
                codec::Receipt& receipt);
  Result<> hold_back(Flight flight, const Verdict& verdict, const net::HttpExchange* exchange);
  Verdict weigh(const Flight& flight, const Verdict& verdict, const net::HttpExchange& exchange);
  void tell_network(const Flight& flight, const Verdict& verdict,
                    const net::HttpExchange& exchange);

  Parts parts_;
  RunOptions options_;
  Observer observer_;
  Scheduler scheduler_;
  queue::OperationReader reader_;
  Targets targets_;
  Duration started_{};
  Summary summary_;
  std::uint64_t sent_ = 0;
  std::uint64_t next_tag_ = 1;
  std::map<std::uint64_t, Flight> flights_;
  std::deque<Flight> ready_;  // may leave when their target takes one more
  IdSet busy_;                // ready, in flight, or settled and not yet flushed
  IdSet retried_;             // charged in this run, and pending again
  // What a server has found too large for one request, in operations.
  std::map<const config::Batch*, std::size_t> too_many_;
  Outcomes outcomes_;
  Duration looked_at_{};  // when the scheduler looked for what others wrote
  Duration looked_at_network_{};
  std::optional<Flight> paced_;  // may leave when its time has come
  Duration paced_until_{};
  std::uint64_t passed_over_ = 0;  // for want of budget
  std::uint64_t too_large_ = 0;    // a body of this size was, and was not critical
};

}  // namespace core::delivery
