// SPDX-License-Identifier: MIT
#include "libcore/netstate/simulation.hpp"

#include <algorithm>
#include <utility>

#include "libcore/netstate/monitor.hpp"
#include "libcore/netstate/simulated_network.hpp"

namespace core::netstate {
namespace {

// The loop of the daemon: events, rounds that end, and moments at which something is due.
class Simulation {
 public:
  Simulation(const Scenario& scenario, std::uint64_t seed)
      : scenario_(scenario),
        network_(scenario, seed),
        monitor_(scenario.policy, scenario.timing, [this] { return network_.draw(); }) {}

  SimulationOutcome run() {
    while (const auto moment = next()) {
      now_ = std::max(now_, *moment);
      if (now_ > scenario_.length) break;
      ++outcome_.wakes;
      take_events();
      end_round();
      monitor_.see_passive(network_.passive(now_), now_);
      begin_round();
      note_change();
    }
    return std::move(outcome_);
  }

 private:
  [[nodiscard]] std::optional<Duration> next() const {
    std::optional<Duration> next = monitor_.next_wake();
    const auto consider = [&](Duration moment) { next = std::min(next.value_or(moment), moment); };
    if (event_ < scenario_.events.size()) consider(scenario_.events[event_].at);
    if (found_) consider(found_->end);
    return next;
  }

  void take_events() {
    while (event_ < scenario_.events.size() && scenario_.events[event_].at <= now_) {
      take(scenario_.events[event_++]);
    }
  }

  void take(const Event& event) {
    if (event.sleep > Duration{}) {
      now_ += event.sleep;
      if (found_) found_->end = std::max(found_->end, now_);
    }
    monitor_.set_bytes(event.world.metered == Costs::yes ? Bytes::cost_money : Bytes::count_little);
    monitor_.see_ladder(event.world.ladder(), now_);
    if (found_ && !monitor_.is_asking()) give_up_round();
    if (event.sleep > Duration{}) monitor_.awake(now_);
    if (event.sibling != SiblingSays::nothing) {
      monitor_.see_sibling({.at = {},
                            .is_delivered = event.sibling == SiblingSays::delivered,
                            .destination = "sibling"},
                           now_);
    }
    if (event.is_asked) monitor_.look_again(now_);
  }

  void give_up_round() {
    outcome_.bytes += found_->bytes;
    found_.reset();
  }

  void end_round() {
    if (!found_ || found_->end > now_) return;
    auto found = *std::exchange(found_, std::nullopt);
    found.evidence.families = network_.at(now_).ladder();
    found.evidence.passive = network_.passive(now_);
    outcome_.bytes += found.bytes;
    monitor_.see_round(found.evidence, now_);
  }

  void begin_round() {
    if (const auto round = monitor_.next_round(now_)) {
      ++outcome_.rounds;
      found_ = network_.ask(*round, now_);
    }
  }

  void note_change() {
    const auto& verdict = monitor_.verdict();
    if (!verdict) return;
    const auto* last = outcome_.changes.empty() ? nullptr : &outcome_.changes.back();
    const bool is_flapping = monitor_.is_flapping();
    if (last == nullptr || last->verdict.state != verdict->state ||
        last->verdict.reason != verdict->reason || last->verdict.interface != verdict->interface ||
        last->is_flapping != is_flapping) {
      outcome_.changes.push_back({.at = now_,
                                  .verdict = *verdict,
                                  .mode = mode_of(verdict->state, scenario_.policy),
                                  .is_flapping = is_flapping,
                                  .bytes = outcome_.bytes,
                                  .rounds = outcome_.rounds});
    }
    if (!monitor_.is_settled(now_)) return;
    if (outcome_.hooks.empty() || outcome_.hooks.back().state != verdict->state) {
      outcome_.hooks.push_back({.at = now_, .state = verdict->state});
    }
  }

  const Scenario& scenario_;
  SimulatedNetwork network_;
  Monitor monitor_;
  Duration now_{};
  std::size_t event_ = 0;                         // the next
  std::optional<SimulatedNetwork::Found> found_;  // of the round that is under way
  SimulationOutcome outcome_;
};

}  // namespace

int SimulationOutcome::count(State state) const {
  int count = 0;
  std::optional<State> before;
  for (const auto& change : changes) {
    if (change.verdict.state == state && before != state) ++count;
    before = change.verdict.state;
  }
  return count;
}

SimulationOutcome simulate(const Scenario& scenario, std::uint64_t seed) {
  return Simulation(scenario, seed).run();
}

}  // namespace core::netstate
