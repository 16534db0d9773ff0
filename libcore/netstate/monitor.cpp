// SPDX-License-Identifier: MIT
#include "libcore/netstate/monitor.hpp"

#include <algorithm>
#include <utility>

namespace core::netstate {
namespace {

// Traffic that moved so lately is worth another look soon.
constexpr Duration k_live = std::chrono::seconds{10};
// A packet that got lost is sent again within less.
constexpr Duration k_stall = std::chrono::milliseconds{500};
constexpr Duration k_socket_cost = std::chrono::milliseconds{2};  // spared after a look at each
constexpr int k_rounds_to_change_reason = 3;

// Reasons that only say which families are there; those have their own memory.
bool is_of_families(Reason reason) {
  return reason == Reason::ok || reason == Reason::ok_v4_only || reason == Reason::ok_v6_only ||
         reason == Reason::no_api_configured;
}

bool is_sent(const net::ProbeResult& result) {
  return result.outcome != net::ProbeOutcome::not_sent;
}

}  // namespace

Monitor::Monitor(Policy policy, Timing timing, std::function<double()> draw)
    : policy_(policy), timing_(timing), draw_(std::move(draw)) {}

void Monitor::resume(const Verdict& verdict, Duration since, std::uint64_t rounds) {
  verdict_ = verdict;
  since_ = since;
  rounds_ = rounds;
}

// --- what happens ---

void Monitor::ask(Duration now) {
  is_asked_ = true;
  asked_at_ = now;
}

bool Monitor::is_settled_by_ladder() const {
  Evidence alone;
  alone.families = evidence_.families;
  return judge(alone, policy_).weight == Weight::hard;
}

void Monitor::see_ladder(const Ladder& ladder, Duration now) {
  see_time(now);
  if (has_ladder_ && ladder == evidence_.families) return;
  has_ladder_ = true;
  evidence_.families = ladder;
  memory_.see_ladder(ladder);
  is_outdated_ = round_.has_value();
  bad_rounds_ = 0;
  strikes_.clear();
  is_api_due_ = true;
  is_surveyed_ = false;
  survey_.reset();
  Evidence alone;
  alone.families = ladder;
  const Verdict found = judge(alone, policy_);
  memory_.see(found.families);
  if (found.weight == Weight::hard) {
    apply(found);
    is_asked_ = false;
    // Or its connections, which nobody will answer, would keep the next way waiting.
    round_.reset();
    is_outdated_ = false;
    finish_look(Upheld::yes);
    return;
  }
  if (is(State::connected)) follow_ladder();
  ask(now);
}

// The state stays until somebody has answered over the new way, but what is told of the way is true
// at once.
void Monitor::follow_ladder() {
  verdict_->families = memory_.states();
  verdict_->interface = way_out(verdict_->families, evidence_.families);
  if (is_of_families(verdict_->reason)) {
    verdict_->reason = connected_reason(verdict_->families, policy_);
  }
}

void Monitor::see_passive(const std::optional<net::TcpEvidence>& passive, Duration now) {
  see_time(now);
  evidence_.passive = passive;
  traffic_.reset();
  const bool is_stall = passive && passive->is_stalled && passive->age >= k_stall;
  const bool was_stalled = std::exchange(is_stalled_, is_stall);
  if (!passive || !has_ladder_ || !verdict_ || is_settled_by_ladder()) return;
  const Duration received = now - passive->age;
  if (is(State::disconnected) && !is_stalled_ && received > looked_ && !round_) ask(now);
  if (!is(State::connected)) return;
  if (passive->age < k_live || is_stalled_) {
    traffic_ = now + timing_.traffic + passive->sockets * k_socket_cost;
  }
  if (is_stalled_) {
    if (!was_stalled) note_stall();
    return;
  }
  if (passive->age > policy_.passive_is_fresh || strikes_.count() > 0 || received <= from_) return;
  from_ = received;
  confirmed_ = now;
  if (is_surveyed_ && !memory_.is_in_doubt()) survey_.reset();
}

void Monitor::note_stall() {
  if (round_ || strikes_.count() > 0) return;
  Verdict silence = *verdict_;
  silence.state = State::disconnected;
  silence.reason = Reason::probe_timeout;
  silence.weight = Weight::soft;
  silence.note.clear();
  strikes_.add(std::move(silence), now_ - timing_.confirm.front());
}

void Monitor::see_sibling(const SiblingReport& report, Duration now) {
  see_time(now);
  if (round_) siblings_.push_back(report);
  if (!has_ladder_ || is_settled_by_ladder()) return;
  if (report.is_delivered) {
    memory_.see_answer();
    Evidence alone;
    alone.families = evidence_.families;
    alone.siblings = {report};
    if (!is(State::connected)) apply(judge(alone, policy_));
    strikes_.clear();
    finish_look(Upheld::yes);
    return;
  }
  const bool was_looked_at = looked_ != Duration{} && now - looked_ < timing_.report_gap;
  if (is(State::connected) && !round_ && !was_looked_at && strikes_.count() == 0) ask(now);
}

void Monitor::see_round(const Evidence& evidence, Duration now) {
  const Duration began = round_ ? began_ : now;
  see_ladder(evidence.families, now);
  const auto stop = round_ ? round_->stop : net::StopAt::first_answer;
  round_.reset();
  evidence_ = evidence;
  evidence_.siblings.insert(evidence_.siblings.end(), siblings_.begin(), siblings_.end());
  looked_ = now;
  const Verdict found = judge(evidence_, policy_);
  if (found.weight == Weight::hard) return;
  if (std::exchange(is_outdated_, false)) {
    ask(now);
    if (found.weight == Weight::soft) return;
  }
  memory_.see(found.families);
  if (std::ranges::any_of(evidence_.api, is_sent)) is_api_due_ = false;
  if (stop == net::StopAt::all) {
    is_surveyed_ = true;
    surveyed_ = now;
  }
  if (strikes_.count() == 0) struck_by_ = stop;
  note_times();
  finish_look(weigh(found, began));
  plan_survey();
}

void Monitor::look_again(Duration now) {
  see_time(now);
  bad_rounds_ = 0;
  if (!round_) ask(now);
}

void Monitor::awake(Duration now) {
  see_time(now);
  bad_rounds_ = 0;
  strikes_.clear();
  is_stalled_ = false;
  is_outdated_ = round_.has_value();
  if (!round_) ask(now);
}

// --- what it means ---

// Nothing was asked, and the own traffic flows: that something outside answers is known of a
// limited network.
bool Monitor::is_lifted_by_traffic_alone(const Verdict& found) const {
  return is(State::limited) && found.state == State::connected &&
         std::ranges::none_of(evidence_.basic, is_sent) &&
         std::ranges::none_of(evidence_.api, is_sent) &&
         std::ranges::none_of(evidence_.siblings, &SiblingReport::is_delivered);
}

// Those who would have told it apart were asked, and said nothing.
bool Monitor::may_be_portal_still(const Verdict& found) const {
  if (!is_portal() || found.state != State::connected) return false;
  if (std::ranges::any_of(evidence_.siblings, &SiblingReport::is_delivered)) return false;
  const auto asks_http = [](const auto& result) { return result.kind == net::ProbeKind::http; };
  const auto has_come = [](const auto& result) {
    return result.is_answered() || result.outcome == net::ProbeOutcome::turned_away ||
           result.outcome == net::ProbeOutcome::throttled;
  };
  return std::ranges::any_of(evidence_.basic, asks_http) &&
         std::ranges::none_of(evidence_.api, has_come) &&
         std::ranges::none_of(evidence_.basic, [&](const auto& result) {
           return asks_http(result) && has_come(result);
         });
}

Monitor::Upheld Monitor::weigh(const Verdict& found, Duration began) {
  if (is_lifted_by_traffic_alone(found)) return Upheld::no;
  if (may_be_portal_still(found)) return Upheld::yes;
  if (found.weight == Weight::soft && found.reason == Reason::not_probed) {
    if (!verdict_ || is(State::connected)) apply(found);
    return Upheld::no;
  }
  const bool is_worse = !verdict_ || found.state > verdict_->state;
  if (found.weight != Weight::soft || !is_worse) {
    strikes_.clear();
    apply(found);
    return Upheld::yes;
  }
  strikes_.add(found, began);
  const auto settled = strikes_.settled(timing_);
  if (!settled) return Upheld::no;
  apply(*settled);
  strikes_.clear();
  return Upheld::yes;
}

bool Monitor::is_reason_due(const Verdict& next) {
  const Verdict& old = *verdict_;
  const bool is_at_once = next.reason == old.reason || old.weight == Weight::hard ||
                          next.weight == Weight::hard || old.reason == Reason::not_probed ||
                          (is_of_families(next.reason) && is_of_families(old.reason)) ||
                          (next.state == State::limited && next.weight == Weight::proof);
  if (is_at_once) {
    doubt_ = {};
    return true;
  }
  if (doubt_.reason != next.reason) doubt_ = {.reason = next.reason};
  if (++doubt_.rounds < k_rounds_to_change_reason) return false;
  doubt_ = {};
  return true;
}

void Monitor::apply(const Verdict& found) {
  Verdict next = found;
  next.families = memory_.states();
  next.interface = way_out(next.families, evidence_.families);
  if (is_of_families(next.reason)) next.reason = connected_reason(next.families, policy_);
  if (!is(next.state)) {
    if (verdict_) damping_.note_change(timing_, now_);
    since_ = now_;
    bad_rounds_ = 0;
    doubt_ = {};
    if (next.state == State::limited) is_surveyed_ = false;  // by a portal, perhaps
    verdict_ = std::move(next);
    return;
  }
  if (!is_reason_due(next)) {
    verdict_->families = next.families;
    verdict_->interface = std::move(next.interface);
    return;
  }
  const bool was_portal = is_portal();
  verdict_ = std::move(next);
  if (was_portal != is_portal()) bad_rounds_ = 0;
}

}  // namespace core::netstate
