// SPDX-License-Identifier: MIT
#include "libcore/delivery/sync_run.hpp"

#include <algorithm>
#include <utility>

#include <fmt/core.h>

#include "libcore/base/text.hpp"
#include "libcore/delivery/answer.hpp"
#include "libcore/delivery/backoff.hpp"
#include "libcore/delivery/classify.hpp"
#include "libcore/queue/blobs.hpp"
#include "libcore/queue/layout.hpp"
#include "libcore/queue/operation.hpp"

namespace core::delivery {
namespace {

using namespace std::chrono_literals;
using std::chrono::milliseconds;

constexpr std::size_t k_group = 256;
constexpr Duration k_group_age = 50ms;
// How long a line that somebody cancels may still be sent.
constexpr Duration k_look_again = 10ms;

queue::Event event_of(const Verdict& verdict, Time again_at) {
  switch (verdict.kind) {
    case Class::delivered:
      return queue::event::Delivered{};
    case Class::temporary:
      return queue::event::TriedInVain{.again_at = again_at};
    case Class::conflict:
      return queue::event::Refused{.reason = codec::Reason::conflict};
    case Class::rejected:
      return queue::event::Refused{.reason = codec::Reason::rejected};
    case Class::offline:
    case Class::throttled:
    case Class::auth:
    case Class::suspect:
    case Class::misconfigured:
      return queue::event::Held{};
  }
  return queue::event::Held{};
}

Report::Outcome outcome_of(const queue::Transition& step) {
  if (!step.receipt) return Report::Outcome::held;
  if (step.to == queue::State::synced) return Report::Outcome::delivered;
  return step.to == queue::State::failed ? Report::Outcome::failed : Report::Outcome::retry;
}

}  // namespace

// One request under way.
struct SyncRun::Flight {
  queue::Entry entry;
  std::string target;
  Route route;                // as routed: header values may hold ${…}
  net::HttpRequest request;   // as sent
  bool late_bound = false;    // it carries a secret of ours
  std::string own_secrets{};  // headers of its own that name secrets, as in the queue
  bool refreshed = false;     // the secret was read again after a 401
  int hops = 0;
};

SyncRun::SyncRun(Parts parts, RunOptions options, Observer observer)
    : parts_(parts),
      options_(std::move(options)),
      observer_(std::move(observer)),
      scheduler_(parts.store.index(), options_.schedule),
      reader_(parts.store.files()),
      settler_(parts.store.files(), parts.store.index(), parts.clock),
      targets_(parts.breakers, parts.clock, parts.random,
               options_.force ? Targets::EarlierHolds::ignore : Targets::EarlierHolds::respect) {}

SyncRun::~SyncRun() = default;

Result<Summary> SyncRun::run() {
  started_ = parts_.clock.since_boot();
  const auto done = deliver();
  const auto flushed = flush();
  TRY(done);
  TRY(flushed);
  TRY(finish_summary());
  return std::move(summary_);
}

Result<> SyncRun::deliver() {
  TRY(give_up_hopeless());
  TRY_ASSIGN(others_wrote_, have_others_written());
  TRY(scheduler_.open());
  auto failed_before = summary_.failed;
  while (true) {
    if (should_stop()) {
      parts_.client.abandon();
      flights_.clear();
      return {};
    }
    TRY(start_more());
    if (flights_.empty()) {
      // Nothing under way: settle now rather than later, for lanes wait for it.
      if (!outcomes_.empty()) {
        TRY(flush());
        continue;
      }
      // What failed takes along what comes after it, which may free the next of a lane.
      if (summary_.failed != failed_before) {
        failed_before = summary_.failed;
        TRY(give_up_hopeless());
        continue;
      }
      TRY_ASSIGN(const bool waited, wait_for_short_hold());
      if (waited) continue;
      return {};
    }
    const auto patience = outcomes_.empty() ? milliseconds{200} : milliseconds{20};
    TRY_ASSIGN(auto exchanges, parts_.client.wait(patience));
    for (auto& exchange : exchanges)
      TRY(finish(std::move(exchange)));
    TRY(flush_if_due());
    if (observer_.on_progress) observer_.on_progress(summary_);
  }
}

bool SyncRun::should_stop() {
  if (observer_.should_stop && observer_.should_stop()) summary_.stopped = true;
  const bool late = options_.timeout && parts_.clock.since_boot() - started_ >= *options_.timeout;
  if (late) summary_.out_of_time = true;
  return summary_.stopped || late;
}

// Decided here: nobody is asked.
Result<> SyncRun::give_up(queue::Entry entry, codec::Reason reason, std::string message) {
  if (!busy_.insert(entry.id).second) return {};
  TRY_ASSIGN(const auto step,
             queue::transition(queue::position_of(entry), queue::event::GivenUp{.reason = reason}));
  const Flight flight{.entry = entry, .target = {}, .route = {}, .request = {}};
  report(flight, {.kind = Class::rejected, .message = message, .retry_at = {}}, step, nullptr);
  queue::Settlement settlement{.entry = std::move(entry), .transition = step, .receipt = {}};
  settlement.receipt.error_class = name_of(reason);
  settlement.receipt.error_message = std::move(message);
  return keep(std::move(settlement));
}

// Until the next flush.
Result<> SyncRun::keep(queue::Settlement settlement) {
  if (outcomes_.empty()) oldest_outcome_ = parts_.clock.since_boot();
  busy_.insert(settlement.entry.id);
  outcomes_.push_back(std::move(settlement));
  return outcomes_.size() >= k_group ? flush() : Result<>{};
}

// Expired operations, and those whose dependency failed, need no network to be decided.
Result<> SyncRun::give_up_hopeless() {
  auto& index = parts_.store.index();
  TRY_ASSIGN(auto expired, index.expired(options_.schedule.query.now));
  for (auto& entry : expired) {
    TRY(give_up(std::move(entry), codec::Reason::expired, "it expired before it could be sent"));
  }
  TRY(flush());
  // One that fails takes its own dependents with it, so until none is left.
  while (true) {
    TRY_ASSIGN(auto orphans, index.orphans());
    if (orphans.empty()) return {};
    for (auto& [entry, because, missing] : orphans) {
      TRY(give_up(std::move(entry), codec::Reason::dependency,
                  fmt::format("after {}: {}", because.text(),
                              missing ? "no such operation" : "it failed")));
    }
    TRY(flush());
  }
}

Result<> SyncRun::start_more() {
  while (static_cast<int>(flights_.size()) < options_.concurrency) {
    if ((options_.max_ops && sent_ >= *options_.max_ops) || should_stop()) return {};
    TRY_ASSIGN(const bool started, start_one());
    if (!started) return {};
  }
  return {};
}

Result<bool> SyncRun::start_one() {
  TRY_ASSIGN(auto entry,
             scheduler_.next([this](const auto& target) { return targets_.may_take(target); }));
  if (!entry) return false;
  const std::string target = queue::Index::target_of(*entry);
  if (targets_.is_probing(target) && entry->lane.empty()) {
    scheduler_.put_back(*std::move(entry));
    const auto is_new = [this](const queue::Entry& probe) {
      return !busy_.contains(probe.id) && !retried_.contains(probe.id);
    };
    TRY_ASSIGN(entry, scheduler_.probe(target, targets_.failed_probes(target), is_new));
    if (!entry) return false;
  }
  if (!busy_.contains(entry->id)) TRY(start(*std::move(entry), target));
  return true;
}

Result<> SyncRun::start(queue::Entry entry, const std::string& target) {
  // Who cancels a line leaves its batch as it is: only the index tells.
  TRY_ASSIGN(const bool others_wrote, have_others_written());
  if ((entry.is_batch_line() && others_wrote) || !scheduler_.is_new(entry.id)) {
    TRY_ASSIGN(const auto current, parts_.store.index().find(entry.id));
    if (!current || current->state() != queue::State::pending) return {};
    if (retried_.contains(entry.id)) return {};
    entry = *current;
  }
  Flight flight{.entry = std::move(entry), .target = target, .route = {}, .request = {}};
  const auto refuse = [&](const std::string& message, Class kind) {
    return apply(std::move(flight), {.kind = kind, .message = message, .retry_at = {}}, nullptr);
  };
  auto operation = reader_.load(flight.entry);
  if (!operation && operation.error().code == Errc::not_found) {
    return forget_vanished(flight.entry);
  }
  if (!operation && operation.error().code == Errc::corrupt) {
    return give_up(std::move(flight.entry), codec::Reason::unreadable, operation.error().message);
  }
  if (!operation) return pass_over(flight, operation.error());
  auto route = parts_.router.route(*operation);
  if (!route && route.error().code == Errc::config) {
    targets_.lead_nowhere(target);
    return refuse(route.error().message, Class::misconfigured);
  }
  if (!route) return refuse(route.error().message, Class::rejected);
  flight.route = *std::move(route);
  if (!targets_.lead(target, flight.route)) {
    scheduler_.put_back(std::move(flight.entry));
    return {};
  }
  flight.own_secrets = own_secrets(flight.route);
  if (withheld_.take(flight.route.destination, flight.own_secrets)) {
    busy_.insert(flight.entry.id);
    return {};
  }
  return launch(std::move(flight));
}

// Once they have, whatever was read from the index before may have changed. Looking takes system
// calls, so it is not done for every operation.
Result<bool> SyncRun::have_others_written() {
  const Duration now = parts_.clock.since_boot();
  if (others_wrote_ || (looked_at_ && now - *looked_at_ < k_look_again)) return others_wrote_;
  TRY_ASSIGN(const std::int64_t version, parts_.store.index().version_by_others());
  others_wrote_ = looked_at_ && version != seen_version_;
  seen_version_ = version;
  looked_at_ = now;
  return others_wrote_;
}

// Moved by another process, which tells the index itself, or by a person: then the index must not
// offer it again.
Result<> SyncRun::forget_vanished(const queue::Entry& entry) {
  auto& index = parts_.store.index();
  TRY_ASSIGN(const auto current, index.find(entry.id));
  if (!current || current->state() != queue::State::pending) return {};
  return index.remove(entry.id);
}

// Binds the secrets and sends.
Result<> SyncRun::launch(Flight flight) {
  flight.request = flight.route.request;
  for (std::size_t i = 0; i < flight.request.headers.size(); ++i) {
    auto& [name, value] = flight.request.headers[i];
    if (!Secrets::has_secret(value)) continue;
    flight.late_bound = true;
    auto bound = parts_.secrets.bind(value);
    if (!bound) {
      if (i >= flight.route.own_headers) flight.own_secrets.clear();  // the endpoint's fault
      const std::string message = fmt::format("header {}: {}", name, bound.error().message);
      return apply(std::move(flight),
                   {.kind = Class::misconfigured, .message = message, .retry_at = {}}, nullptr);
    }
    value = *std::move(bound);
  }
  const std::uint64_t tag = next_tag_++;
  flight.request.tag = tag;
  if (auto started = parts_.client.start(flight.request); !started) {
    return not_started(std::move(flight), started.error());
  }
  ++sent_;
  targets_.sent(flight.target);
  busy_.insert(flight.entry.id);
  flights_.emplace(tag, std::move(flight));
  return {};
}

// What is wrong with the request is the operation's fault, a body that is gone is lost for it, and
// the rest is this machine's.
Result<> SyncRun::not_started(Flight flight, const Error& error) {
  if (error.code == Errc::usage) {
    const Verdict verdict{.kind = Class::rejected, .message = error.message, .retry_at = {}};
    return apply(std::move(flight), verdict, nullptr);
  }
  if (error.code == Errc::not_found) {
    return give_up(std::move(flight.entry), codec::Reason::unreadable, error.message);
  }
  return pass_over(flight, error);
}

// One that cannot be read now (its mode, a bad sector, too many open files) stops no other.
Result<> SyncRun::pass_over(const Flight& flight, const Error& error) {
  ++summary_.unreadable;
  if (observer_.on_warning) observer_.on_warning(error.message);
  busy_.insert(flight.entry.id);
  return {};
}

Result<> SyncRun::finish(net::HttpExchange exchange) {
  auto found = flights_.extract(exchange.tag);
  if (found.empty()) return {};
  Flight flight = std::move(found.mapped());
  targets_.answered(flight.target);
  summary_.bytes_out += exchange.bytes_out;
  summary_.bytes_in += exchange.bytes_in;
  const auto* response = std::get_if<net::HttpResponse>(&exchange.result);
  const bool expected = response != nullptr && !flight.route.expect.status.empty() &&
                        holds_status(flight.route.expect, response->status);
  if (response == nullptr || expected || !is_redirect(*response)) {
    return judge(std::move(flight), exchange);
  }
  auto hop = next_hop(flight.request, *response, flight.hops);
  if (auto* verdict = std::get_if<Verdict>(&hop)) {
    return apply(std::move(flight), *verdict, &exchange);
  }
  ++flight.hops;
  flight.request = std::get<net::HttpRequest>(std::move(hop));
  const std::uint64_t tag = next_tag_++;
  flight.request.tag = tag;
  if (auto started = parts_.client.start(flight.request); !started) {
    return not_started(std::move(flight), started.error());
  }
  targets_.sent(flight.target);
  flights_.emplace(tag, std::move(flight));
  return {};
}

Result<> SyncRun::judge(Flight flight, const net::HttpExchange& exchange) {
  const Credential credential =
      flight.late_bound ? Credential::late_bound : Credential::of_operation;
  const Verdict verdict = classify(exchange, flight.route.expect,
                                   {.credential = credential, .now = parts_.clock.now()});
  if (verdict.kind == Class::auth && !flight.refreshed) {
    TRY_ASSIGN(const bool changed, refresh_credential(flight));
    if (changed) return launch(std::move(flight));
  }
  const Verdict weighed = weigh(flight, verdict, exchange);
  return apply(std::move(flight), weighed, &exchange);
}

// An answer that is not what was expected may be a portal's, but not after the server has proved
// to be the right one: then it is the operation that expects too much.
Verdict SyncRun::weigh(const Flight& flight, const Verdict& verdict,
                       const net::HttpExchange& exchange) {
  if (verdict.kind == Class::delivered && flight.route.expect.looks_inside()) {
    targets_.vouch_for(flight.target);
  }
  const bool has_answer = std::holds_alternative<net::HttpResponse>(exchange.result);
  if (verdict.kind != Class::suspect || !has_answer || !targets_.is_vouched_for(flight.target)) {
    return verdict;
  }
  Verdict own = verdict;
  own.kind = Class::temporary;
  return own;
}

// Whether our credential has changed since the request was made (a token file that somebody
// renewed). Asked once for each request.
Result<bool> SyncRun::refresh_credential(Flight& flight) {
  flight.refreshed = true;
  for (std::size_t i = 0; i < flight.route.request.headers.size(); ++i) {
    const auto& value = flight.route.request.headers[i].second;
    if (!Secrets::has_secret(value)) continue;
    const auto bound = parts_.secrets.bind(value);
    if (bound && i < flight.request.headers.size() && *bound != flight.request.headers[i].second) {
      return true;
    }
  }
  return false;
}

Result<> SyncRun::apply(Flight flight, const Verdict& verdict, const net::HttpExchange* exchange) {
  auto position = queue::position_of(flight.entry, parts_.retry.max_attempts);
  if (flight.route.max_attempts > 0) position.max_attempts = flight.route.max_attempts;
  Time again_at;
  if (verdict.kind == Class::temporary) {
    again_at =
        parts_.clock.now() + backoff({.base = parts_.retry.base, .cap = parts_.retry.cap},
                                     position.attempts + 1, sys::unit_interval(parts_.random));
  }
  TRY_ASSIGN(const auto step, queue::transition(position, event_of(verdict, again_at)));
  report(flight, verdict, step, exchange);
  const bool own_fault = !flight.own_secrets.empty() &&
                         (verdict.kind == Class::auth || verdict.kind == Class::misconfigured);
  if (!step.receipt && own_fault) {
    withheld_.add(flight.route.destination, flight.own_secrets, verdict);
    withheld_.take(flight.route.destination, flight.own_secrets);
    busy_.insert(flight.entry.id);
    return {};
  }
  const bool was_answered =
      exchange != nullptr && std::holds_alternative<net::HttpResponse>(exchange->result);
  if (!step.receipt) warn_of(targets_.hold(flight.target, verdict));
  if (step.receipt && was_answered) warn_of(targets_.release(flight.target));
  if (step.receipt && step.to == queue::State::pending) retried_.insert(flight.entry.id);
  if (!step.receipt) {
    busy_.erase(flight.entry.id);
    scheduler_.put_back(std::move(flight.entry));
    return {};
  }
  queue::Settlement settlement{.entry = std::move(flight.entry), .transition = step, .receipt = {}};
  settlement.receipt.destination = targets_.destination(flight.target);
  if (verdict.kind != Class::delivered) {
    settlement.receipt.error_class = name_of(verdict.kind);
    settlement.receipt.error_message = verdict.message;
  }
  const auto keep_body = [this](std::string_view body) {
    return queue::store_blob(parts_.store.files(), parts_.clock, parts_.random, body);
  };
  // The outcome matters more than what the server said about it.
  if (exchange != nullptr) warn_of(describe_answer(*exchange, keep_body, settlement.receipt));
  return keep(std::move(settlement));
}

void SyncRun::warn_of(const Result<>& done) {
  if (!done && observer_.on_warning) observer_.on_warning(done.error().message);
}

void SyncRun::report(const Flight& flight, const Verdict& verdict, const queue::Transition& step,
                     const net::HttpExchange* exchange) {
  Report report;
  report.outcome = outcome_of(step);
  report.id = flight.entry.id;
  report.type = flight.entry.type;
  report.destination = flight.route.destination;
  report.verdict = verdict;
  report.attempts = step.attempts;
  report.again_at = step.again_at;
  report.reason = step.reason;
  if (exchange != nullptr) {
    report.elapsed = std::chrono::duration_cast<milliseconds>(exchange->elapsed);
    const auto* response = std::get_if<net::HttpResponse>(&exchange->result);
    if (response != nullptr) report.status = response->status;
  }
  switch (report.outcome) {
    case Report::Outcome::delivered:
      ++summary_.delivered;
      break;
    case Report::Outcome::retry:
      ++summary_.retry;
      break;
    case Report::Outcome::failed:
      ++summary_.failed;
      break;
    case Report::Outcome::held:
      break;
  }
  if (observer_.on_report) observer_.on_report(report);
}

Result<> SyncRun::flush_if_due() {
  if (outcomes_.empty()) return {};
  const bool old = parts_.clock.since_boot() - *oldest_outcome_ >= k_group_age;
  return outcomes_.size() >= k_group || old ? flush() : Result<>{};
}

Result<> SyncRun::flush() {
  if (outcomes_.empty()) return {};
  auto group = std::exchange(outcomes_, {});
  TRY(settler_.settle(group));
  // Asked once for the group: hardly any queue has dependencies.
  TRY_ASSIGN(const bool has_dependencies, parts_.store.index().has_dependencies());
  for (const auto& settlement : group) {
    busy_.erase(settlement.entry.id);
    const bool is_in_lane = !settlement.entry.lane.empty();
    if (has_dependencies || is_in_lane) TRY(scheduler_.settled(settlement.entry));
  }
  return {};
}

// A destination that failed a moment ago, and was free again within a second, gets its probe in
// this run: a person who has just started the server need not call twice.
Result<bool> SyncRun::wait_for_short_hold() {
  if (!observer_.pause) return false;
  const auto soonest = targets_.next_short_hold();
  if (!soonest) return false;
  while (parts_.clock.now() < *soonest) {
    if (should_stop()) return true;
    observer_.pause(std::chrono::ceil<milliseconds>(*soonest - parts_.clock.now()));
  }
  targets_.probe_ended_holds();
  return true;
}

Result<> SyncRun::finish_summary() {
  std::map<std::string, HeldDestination> held;
  for (auto& [target, hold] : targets_.held()) {
    TRY_ASSIGN(const auto count, parts_.store.index().count_pending_for(target));
    auto& destination = held[hold.destination];
    destination.hold = std::move(hold);
    destination.waiting += count;
  }
  summary_.holds = withheld_.all();
  for (auto& [name, destination] : held)
    summary_.holds.push_back(std::move(destination));
  return {};
}

}  // namespace core::delivery
