// SPDX-License-Identifier: MIT
// When the monitor looks, and at what.
#include <algorithm>
#include <chrono>
#include <optional>

#include "libcore/netstate/monitor.hpp"

namespace core::netstate {
namespace {

constexpr int k_surveys_in_doubt = 3;

}  // namespace

void Monitor::note_times() {
  const auto learn = [](const std::vector<net::ProbeResult>& results, Duration& usual) {
    std::optional<Duration> first;
    for (const auto& result : results) {
      if (result.is_answered()) first = std::min(first.value_or(result.elapsed), result.elapsed);
    }
    if (first) usual = *first;
  };
  learn(evidence_.basic, usual_);
  learn(evidence_.api, usual_api_);
}

void Monitor::finish_look(Upheld upheld) {
  from_ = now_;
  stretch_ = 1 + (timing_.jitter * (2 * draw_() - 1));
  if (!is(State::connected)) ++bad_rounds_;
  if (upheld == Upheld::yes) confirmed_ = now_;
}

// The first answer is enough to be connected; later, and in peace, all endpoints of a new network
// are asked: a family may be silent, and a portal lets questions for names pass.
void Monitor::plan_survey() {
  if (!is(State::connected) || policy_.basic_endpoints < 2) {
    survey_.reset();
    return;
  }
  const bool is_in_doubt = memory_.is_in_doubt();
  doubts_ = is_in_doubt ? doubts_ + 1 : 0;
  if (is_in_doubt && doubts_ <= k_surveys_in_doubt) {
    survey_ = now_ + timing_.confirm.back();
  } else if (!is_surveyed_) {
    if (!survey_) survey_ = now_ + timing_.settle_up;
  } else if (bytes_ == Bytes::count_little) {
    if (was_overtaken()) survey_ = std::max(now_, surveyed_ + timing_.survey_gap);
    if (!survey_) survey_ = now_ + timing_.survey;
  } else {
    survey_.reset();
  }
}

// The first that was asked did not answer although another did: its name may not be resolved any
// more.
bool Monitor::was_overtaken() const {
  if (evidence_.basic.empty()) return false;
  const auto& first = evidence_.basic.front();
  return first.outcome == net::ProbeOutcome::not_sent && first.bytes > 0;
}

// Who stands in the place of others, and names that are not resolved, are found, and found to be
// gone, only when all are asked.
bool Monitor::needs_all() const {
  if (!is(State::limited)) return false;
  return is_portal() || verdict_->reason == Reason::dns_failure || !is_surveyed_;
}

Round Monitor::make_round(net::StopAt stop) const {
  const bool costs = bytes_ == Bytes::cost_money;
  if (is_thorough_ || needs_all()) stop = net::StopAt::all;
  if (strikes_.count() > 0 && struck_by_ == net::StopAt::all) stop = net::StopAt::all;
  const bool is_about_all =
      needs_all() || (stop == net::StopAt::all && (!is_surveyed_ || strikes_.count() > 0));
  Round round{
      .number = rounds_,
      .tcp_only = costs && !is_about_all,
      .with_api = policy_.api_endpoints > 0 && (!costs || is_api_due_ || !is(State::connected)),
      .stop = stop,
      .patience = timing_.patience,
      .api_patience = timing_.patience};
  if (strikes_.count() == 0) return round;
  constexpr int k_times_usual = 4;
  const auto within = [&](Duration least, Duration usual) {
    return std::min(std::max(least, k_times_usual * usual), timing_.patience);
  };
  const bool is_about_names = stop == net::StopAt::all && strikes_.has_reached();
  round.tries = is_about_names ? 3 : 2;
  round.stagger = std::chrono::milliseconds{50};
  round.api_patience = within(2 * timing_.confirm_patience, usual_api_);
  // Silence is to be known soon; a name that is not resolved is not so urgent, and asked for with
  // a packet each way.
  if (!is_about_names || is_thorough_) round.patience = within(timing_.confirm_patience, usual_);
  return round;
}

std::optional<Round> Monitor::next_round(Duration now) {
  see_time(now);
  if (traffic_ && *traffic_ <= now) traffic_.reset();
  if (round_ || !has_ladder_ || now < due()) return std::nullopt;
  is_asked_ = false;
  if (is_settled_by_ladder()) {
    finish_look(Upheld::yes);
    return std::nullopt;
  }
  const bool is_survey = survey_ && *survey_ <= now && strikes_.count() == 0;
  if (is_survey) survey_.reset();
  // Those who confirm are others than those who failed.
  rounds_ += strikes_.count() > 0 ? 3 : 1;
  round_ = make_round(is_survey ? net::StopAt::all : net::StopAt::first_answer);
  began_ = now;
  siblings_.clear();
  is_outdated_ = false;
  return round_;
}

Duration Monitor::wait() const {
  const auto doubled = [&](Duration first, Duration cap) {
    for (int i = 1; i < bad_rounds_ && first < cap; ++i)
      first *= 2;
    return std::min(first, cap);
  };
  const bool costs = bytes_ == Bytes::cost_money;
  if (!verdict_) return doubled(timing_.retry_first, timing_.retry_cap);
  if (is_settled_by_ladder()) return timing_.retry_cap;
  switch (verdict_->state) {
    case State::connected:
      return costs ? timing_.interval_metered : timing_.interval;
    case State::disconnected:
      return doubled(timing_.retry_first, timing_.retry_cap);
    case State::limited:
      break;
  }
  if (is_portal()) return doubled(timing_.portal_first, timing_.portal_cap);
  const Duration asked_for =
      std::min(verdict_->retry_after.value_or(Duration{}), timing_.retry_after_cap);
  return std::max(asked_for, doubled(timing_.retry_first,
                                     costs ? timing_.interval_metered : timing_.retry_cap));
}

Duration Monitor::due() const {
  if (is_asked_) return asked_at_;
  if (const auto next = strikes_.next(timing_)) return *next;
  const Duration due = from_ + std::chrono::duration_cast<Duration>(
                                   stretch_ * std::chrono::duration<double, std::micro>(wait()));
  return survey_ ? std::min(due, *survey_) : due;
}

Duration Monitor::settle_time() const {
  return is(State::connected) ? timing_.settle_up : timing_.settle;
}

std::optional<Duration> Monitor::next_wake() const {
  if (!has_ladder_) return std::nullopt;
  std::optional<Duration> wake;
  const auto consider = [&](Duration moment) { wake = std::min(wake.value_or(moment), moment); };
  if (!round_) consider(due());
  if (traffic_) consider(*traffic_);
  if (verdict_ && since_ + settle_time() > now_) consider(since_ + settle_time());
  if (is_flapping()) consider(damping_.quiet_at());
  return wake;
}

bool Monitor::is_settled(Duration now) const {
  return verdict_ && now - since_ >= settle_time() && !damping_.is_flapping(now);
}

Duration Monitor::valid_for() const {
  Duration longest = is(State::connected) ? wait() : std::max(timing_.retry_cap, wait());
  if (is(State::limited)) longest = std::max(longest, timing_.portal_cap);
  return 2 * longest + std::chrono::seconds{10};
}

}  // namespace core::netstate
