// SPDX-License-Identifier: MIT
#include "libcore/delivery/targets.hpp"

#include <chrono>

#include "libcore/net/url.hpp"

namespace core::delivery {
namespace {

// A hold that ends this soon is waited for, once for each destination and run.
constexpr Duration k_short_hold = std::chrono::seconds{1};

}  // namespace

void Targets::recall(State& state) const {
  if (earlier_ == EarlierHolds::ignore) return;
  const auto hold = breakers_.find(state.destination);
  state.is_held = hold && hold->is_active(clock_.now());
  state.is_probing = hold.has_value() && !state.is_held;
}

bool Targets::may_take(const std::string& target) {
  auto [at, is_new] = states_.try_emplace(target);
  auto& state = at->second;
  if (is_new) {
    // As routes name it: with the port.
    const auto url = net::parse_url(target);
    if (url) state.destination = url->origin();
    if (url) recall(state);
  }
  if (state.is_held) return false;
  return state.in_flight < (state.is_probing ? 1 : state.concurrency);
}

bool Targets::lead(const std::string& target, const Route& route) {
  auto& state = states_[target];
  state.concurrency = route.concurrency;
  if (state.destination != route.destination) {
    state.destination = route.destination;
    recall(state);
  }
  return !state.is_held;
}

int Targets::failed_probes(const std::string& target) {
  const auto hold = breakers_.find(states_[target].destination);
  return hold ? hold->failures - 1 : 0;
}

Result<> Targets::release(const std::string& target) {
  auto& state = states_[target];
  // The answer to a request that was under way when the hold was made does not lift it.
  if (state.is_held) return {};
  state.is_probing = false;
  return breakers_.clear(state.destination);
}

Result<> Targets::hold(const std::string& target, const Verdict& verdict) {
  auto& state = states_[target];
  if (state.is_held) return {};
  for (auto& [name, other] : states_) {
    if (other.destination == state.destination) other.is_held = true;
  }
  if (verdict.kind == Class::misconfigured) {
    state.misconfigured = verdict.message;
    return {};
  }
  return breakers_.set(next_hold(breakers_.find(state.destination), state.destination, verdict,
                                 clock_.now(), sys::unit_interval(random_)));
}

std::optional<Time> Targets::next_short_hold() const {
  const Time now = clock_.now();
  std::optional<Time> soonest;
  for (const auto& [name, state] : states_) {
    if (!state.is_held || state.was_waited_for) continue;
    const auto hold = breakers_.find(state.destination);
    if (!hold || hold->until > now + k_short_hold || hold->failures > 1) continue;
    if (!soonest || hold->until < *soonest) soonest = hold->until;
  }
  return soonest;
}

void Targets::probe_ended_holds() {
  for (auto& [name, state] : states_) {
    const auto hold = breakers_.find(state.destination);
    if (!state.is_held || !hold || hold->until > clock_.now()) continue;
    state.was_waited_for = true;
    state.is_held = false;
    state.is_probing = true;
  }
}

void Targets::begin_round() {
  std::erase_if(states_, [](const auto& named) { return named.second.in_flight == 0; });
  for (auto& [name, state] : states_) {
    state.misconfigured.reset();
    state.was_waited_for = false;
    recall(state);
  }
}

std::vector<std::pair<std::string, Hold>> Targets::held() const {
  std::vector<std::pair<std::string, Hold>> held;
  for (const auto& [name, state] : states_) {
    if (!state.is_held) continue;
    Hold hold = breakers_.find(state.destination).value_or(Hold{});
    if (state.misconfigured) {
      hold = Hold{};
      hold.kind = Class::misconfigured;
      hold.reason = *state.misconfigured;
    }
    hold.destination = state.destination;
    held.emplace_back(name, std::move(hold));
  }
  return held;
}

}  // namespace core::delivery
