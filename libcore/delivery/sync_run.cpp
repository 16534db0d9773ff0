// SPDX-License-Identifier: MIT
#include "libcore/delivery/sync_run.hpp"

#include <utility>

#include <fmt/core.h>

#include "libcore/delivery/consequence.hpp"

namespace core::delivery {

using std::chrono::milliseconds;

SyncRun::SyncRun(Parts parts, RunOptions options, Observer observer)
    : parts_(parts),
      options_(std::move(options)),
      observer_(std::move(observer)),
      scheduler_(parts.store.index(), options_.schedule),
      reader_(parts.store.files()),
      targets_(parts.breakers, parts.clock, parts.random,
               options_.force ? Targets::EarlierHolds::ignore : Targets::EarlierHolds::respect),
      outcomes_(parts.store, parts.clock) {}

SyncRun::~SyncRun() = default;

Result<Summary> SyncRun::run() {
  started_ = parts_.clock.since_boot();
  look_at_network();
  parts_.withheld.begin_round();
  const auto done = deliver();
  // The client may go on to another run: it must not hear of these.
  if (!flights_.empty()) parts_.client.abandon();
  if (!flights_.empty() && parts_.commands != nullptr) parts_.commands->abandon();
  flights_.clear();
  const auto flushed = flush();
  TRY(done);
  TRY(flushed);
  TRY(finish_summary());
  return std::move(summary_);
}

Result<> SyncRun::deliver() {
  TRY(give_up_hopeless());
  TRY(scheduler_.open());
  auto failed_before = summary_.failed;
  while (true) {
    if (should_stop()) {
      ready_.clear();
      if (paced_) give_back(*paced_);
      paced_.reset();
      return {};
    }
    TRY(look_again());
    TRY(start_more());
    if (flights_.empty() && !paced_) {
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
    const bool asks_nobody = parts_.client.in_flight() == 0;
    if (asks_nobody && observer_.rest) observer_.rest(until_paced(patience));
    TRY_ASSIGN(auto exchanges, parts_.client.wait(until_paced(patience)));
    for (auto& exchange : exchanges)
      TRY(finish(std::move(exchange)));
    TRY(finish_commands());
    TRY(flush_due());
    if (observer_.on_progress) observer_.on_progress(summary_);
  }
}

Result<> SyncRun::look_again() {
  if (!observer_.look_again) return {};
  TRY_ASSIGN(const bool is_news, observer_.look_again());
  return is_news ? begin_round() : Result<>{};
}

// As if the run began now, but for the requests that are under way.
Result<> SyncRun::begin_round() {
  TRY(flush());
  busy_.clear();
  for (const auto& [tag, flight] : flights_) {
    for (const auto& member : flight.members)
      busy_.insert(member.entry.id);
  }
  if (paced_) {
    for (const auto& member : paced_->members)
      busy_.insert(member.entry.id);
  }
  summary_.budget.reset();
  summary_.waiting_for_budget = 0;
  passed_over_ = 0;
  ready_.clear();  // still pending: the scheduler gives them again
  look_at_network();
  retried_.clear();
  parts_.withheld.begin_round();
  targets_.begin_round();
  auto& now = options_.schedule.query.now;
  now.wall = parts_.clock.now();
  now.since_boot = parts_.clock.since_boot();
  TRY(give_up_hopeless());
  return scheduler_.open(now, busy_);
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
  const Verdict verdict{.kind = Class::rejected, .message = message, .retry_at = {}};
  tell(report_of(entry, verdict, step, nullptr));
  queue::Settlement settlement{.entry = std::move(entry), .transition = step, .receipt = {}};
  settlement.receipt.error_class = name_of(reason);
  settlement.receipt.error_message = std::move(message);
  keep(std::move(settlement));
  return flush_due();
}

// Until the next flush.
void SyncRun::keep(queue::Settlement settlement) {
  busy_.insert(settlement.entry.id);
  outcomes_.keep(std::move(settlement));
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

void SyncRun::look_at_network() {
  looked_at_network_ = parts_.clock.since_boot();
  if (parts_.network != nullptr) targets_.see_network(parts_.network->look());
}

void SyncRun::warn_of(const Result<>& done) {
  if (!done && observer_.on_warning) observer_.on_warning(done.error().message);
}

void SyncRun::tell(const Report& report) {
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

Result<> SyncRun::flush() {
  const auto settled = outcomes_.settle_all();
  TRY(forget_settled(outcomes_.take_settled()));
  return settled;
}

Result<> SyncRun::flush_due() {
  const auto begun = outcomes_.settle_due();
  TRY(forget_settled(outcomes_.take_settled()));
  return begun;
}

Result<> SyncRun::forget_settled(const Outcomes::Group& group) {
  if (group.empty()) return {};
  if (observer_.on_settled) observer_.on_settled(group);
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
  if (!observer_.pause || !may_start()) return false;
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
  for (const auto& target : targets_.waiting_for_network()) {
    TRY_ASSIGN(const auto count, parts_.store.index().count_pending_for(target));
    summary_.waiting_for_network += count;
  }
  if (summary_.waiting_for_network > 0) summary_.network = targets_.network().hold;
  summary_.holds = parts_.withheld.all();
  for (auto& [name, destination] : held)
    summary_.holds.push_back(std::move(destination));
  return {};
}

}  // namespace core::delivery
