// SPDX-License-Identifier: MIT
#pragma once

// A scenario, run through the monitor of the daemon on a clock that costs no time.

#include <cstdint>
#include <optional>
#include <vector>

#include "libcore/netstate/scenario.hpp"
#include "libcore/netstate/verdict.hpp"

namespace core::netstate {

// What would have been published, and when.
struct SimulatedChange {
  Duration at{};
  Verdict verdict;
  Mode mode = Mode::offline;
  bool is_flapping = false;
  std::uint64_t bytes = 0;  // on the wire, from the beginning
  std::uint64_t rounds = 0;
};

// What hooks would have been told.
struct SimulatedHook {
  Duration at{};
  State state = State::disconnected;
};

struct SimulationOutcome {
  std::vector<SimulatedChange> changes;  // of state, reason, interface or flapping
  std::vector<SimulatedHook> hooks;      // of state alone, once it has settled
  std::uint64_t bytes = 0;
  std::uint64_t rounds = 0;
  std::uint64_t wakes = 0;  // of the daemon

  [[nodiscard]] int count(State state) const;  // changes into it
};

// The same seed gives the same outcome on every machine.
SimulationOutcome simulate(const Scenario& scenario, std::uint64_t seed);

}  // namespace core::netstate
