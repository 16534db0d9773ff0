// SPDX-License-Identifier: MIT
#include "libcore/delivery/targets.hpp"

#include <chrono>

#include "libcore/net/ip_address.hpp"
#include "libcore/net/url.hpp"

namespace core::delivery {
namespace {

// A hold that ends this soon is waited for, once for each destination and run.
constexpr Duration k_short_hold = std::chrono::seconds{1};
// As exact as netwatch tells time.
constexpr Duration k_second = std::chrono::seconds{1};
// From a suspect answer until netwatch, which was asked then, has told a portal: it looks at most
// ten seconds later, three times, and each time may wait for its answers.
constexpr Duration k_time_to_tell = std::chrono::seconds{30};

// Whether others than the destination were found to be in order at `looked_at`.
bool is_in_order(const Hold& hold, Time looked_at) {
  return hold.set_at + k_time_to_tell < looked_at;
}

}  // namespace

void Targets::recall(State& state) const {
  state.is_here = net::is_on_this_machine(state.destination);
  if (earlier_ == EarlierHolds::ignore) return;
  const auto hold = breakers_.find(state.destination);
  state.is_held = hold && hold->is_active(clock_.now()) && (state.is_here || !is_over(*hold));
  state.is_probing = hold.has_value() && !state.is_held;
}

// There was no network then, and there is one now. A portal that was told is over when the network
// is connected again; one that nobody has told in all that time is none any more, or never was.
bool Targets::is_over(const Hold& hold) const {
  if (hold.kind == Class::suspect) {
    const bool has_ended = network_.connected_since && hold.set_at < *network_.connected_since;
    return has_ended || (network_.connected_at && is_in_order(hold, *network_.connected_at));
  }
  return hold.kind == Class::offline && network_.online_since &&
         hold.set_at < *network_.online_since + k_second;
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
  if (state.is_held || waits_for_network(state)) return false;
  return state.in_flight < (state.is_probing ? 1 : state.concurrency);
}

bool Targets::lead(const std::string& target, const Route& route) {
  auto& state = states_[target];
  state.concurrency = route.concurrency;
  if (state.destination != route.destination) {
    state.destination = route.destination;
    recall(state);
  }
  return !state.is_held && !waits_for_network(state);
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

bool Targets::is_suspect_alone(const std::string& target) const {
  const auto state = states_.find(target);
  if (state == states_.end() || !network_.connected_at) return false;
  const auto hold = breakers_.find(state->second.destination);
  return hold && hold->kind == Class::suspect && is_in_order(*hold, *network_.connected_at);
}

std::optional<Time> Targets::next_short_hold() const {
  const Time now = clock_.now();
  std::optional<Time> soonest;
  for (const auto& [name, state] : states_) {
    if (!state.is_held || state.was_waited_for || waits_for_network(state)) continue;
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
  delivered_to_.clear();  // the network may be another one by now
  for (auto& [name, state] : states_) {
    state.misconfigured.reset();
    state.was_waited_for = false;
    recall(state);
  }
}

std::vector<std::pair<std::string, Hold>> Targets::held() const {
  std::vector<std::pair<std::string, Hold>> held;
  for (const auto& [name, state] : states_) {
    if (!state.is_held || (waits_for_network(state) && !state.misconfigured)) continue;
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

std::vector<std::string> Targets::waiting_for_network() const {
  std::vector<std::string> waiting;
  for (const auto& [name, state] : states_) {
    if (waits_for_network(state) && !state.misconfigured) waiting.push_back(name);
  }
  return waiting;
}

}  // namespace core::delivery
