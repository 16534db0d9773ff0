// SPDX-License-Identifier: MIT
#pragma once

// The destinations of one run: which may be sent one more request, which are held and why, and
// which are probed. A target is what the index groups operations by (queue::Index::target_of): an
// origin, or "type:NAME" until a route has told which origin that is.
//
// A hold is for all operations of a destination and outlives the run, in the breakers; but for one
// that the configuration is the cause of: the next run reads the configuration anew. Without a
// network whatever is not on this machine waits too, and nobody is blamed for it.

#include <map>
#include <optional>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "libcore/base/result.hpp"
#include "libcore/base/time.hpp"
#include "libcore/delivery/breaker.hpp"
#include "libcore/delivery/network.hpp"
#include "libcore/delivery/route.hpp"
#include "libcore/delivery/verdict.hpp"
#include "libcore/sys/clock.hpp"
#include "libcore/sys/random.hpp"

namespace core::delivery {

class Targets {
 public:
  // Those that other runs have made, and what is said of the network.
  enum class EarlierHolds { respect, ignore };

  // All must outlive this.
  Targets(Breakers& breakers, const sys::Clock& clock, sys::Random& random, EarlierHolds earlier)
      : breakers_(breakers), clock_(clock), random_(random), earlier_(earlier) {}

  // What is known of the network from now on.
  void see_network(NetworkView view) { network_ = std::move(view); }
  [[nodiscard]] const NetworkView& network() const { return network_; }
  [[nodiscard]] bool is_here(const std::string& target) { return states_[target].is_here; }

  // Whether one more request may be under way there.
  bool may_take(const std::string& target);
  void sent(const std::string& target) { ++states_[target].in_flight; }
  void answered(const std::string& target) { --states_[target].in_flight; }

  // Says where the target leads. False: that place is held, or waits for the network.
  [[nodiscard]] bool lead(const std::string& target, const Route& route);
  // The target is its own destination: no route says where else.
  void lead_nowhere(const std::string& target) { states_[target].destination = target; }
  // Empty before one of the two above for "type:NAME".
  [[nodiscard]] const std::string& destination(const std::string& target) {
    return states_[target].destination;
  }

  [[nodiscard]] bool is_held(const std::string& target) { return states_[target].is_held; }

  // While a target is probed, one request is under way there at most, and decides.
  [[nodiscard]] bool is_probing(const std::string& target) { return states_[target].is_probing; }
  // How often in a row probes have failed before.
  [[nodiscard]] int failed_probes(const std::string& target);

  // The destination answers, and the answer decided an operation. Errors: io; the breaker then
  // stays set for other runs.
  Result<> release(const std::string& target);
  // No more there in this run. Requests that were under way together fail together: only the
  // first counts. Errors: io; only this run knows of the hold then.
  Result<> hold(const std::string& target, const Verdict& verdict);

  // Something came from there that a portal would not say: what goes wrong after it is not the
  // destination's fault.
  void vouch_for(const std::string& target) { vouched_for_.insert(states_[target].destination); }
  [[nodiscard]] bool is_vouched_for(const std::string& target) {
    return vouched_for_.contains(states_[target].destination);
  }
  // Something was delivered there in this round, on whatever evidence.
  void delivered_to(const std::string& target) {
    delivered_to_.insert(states_[target].destination);
  }
  [[nodiscard]] bool has_delivered_to(const std::string& target) {
    return delivered_to_.contains(states_[target].destination);
  }
  // Whether it was suspect before, and has been so while others found the network connected.
  [[nodiscard]] bool is_suspect_alone(const std::string& target) const;

  // When the first of the holds ends that are worth waiting for: a first failure, a moment ago,
  // and not waited for before. nullopt: none.
  [[nodiscard]] std::optional<Time> next_short_hold() const;
  // Those that have ended become probes.
  void probe_ended_holds();
  // Looks at the holds anew, those of this run included: what has ended is probed, and a
  // configuration that was to blame may be another. Requests under way still count.
  void begin_round();

  [[nodiscard]] std::vector<std::pair<std::string, Hold>> held() const;  // with their target
  // Targets that nothing but the network keeps from being sent to.
  [[nodiscard]] std::vector<std::string> waiting_for_network() const;

 private:
  struct State {
    int in_flight = 0;
    int concurrency = 1;  // until the first route tells
    std::string destination;
    bool is_here = false;  // on this machine
    bool is_held = false;  // for the rest of the run
    bool is_probing = false;
    bool was_waited_for = false;
    std::optional<std::string> misconfigured;  // why nothing can be sent there at all
  };
  // What an earlier run says of the destination: held, or to be probed.
  void recall(State& state) const;
  [[nodiscard]] bool is_over(const Hold& hold) const;
  [[nodiscard]] bool waits_for_network(const State& state) const {
    return network_.hold && !state.is_here && earlier_ == EarlierHolds::respect;
  }

  Breakers& breakers_;
  const sys::Clock& clock_;
  sys::Random& random_;
  EarlierHolds earlier_;
  NetworkView network_;
  std::map<std::string, State> states_;
  std::set<std::string> vouched_for_;   // destinations
  std::set<std::string> delivered_to_;  // destinations
};

}  // namespace core::delivery
