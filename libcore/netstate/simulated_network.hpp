// SPDX-License-Identifier: MIT
#pragma once

// A network that a scenario describes, answering probes by chance: packets get lost one by one, and
// are sent again as a kernel would. No clock: every moment is a parameter.

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "libcore/net/tcp_evidence.hpp"
#include "libcore/netstate/evidence.hpp"
#include "libcore/netstate/round.hpp"
#include "libcore/netstate/scenario.hpp"

namespace core::netstate {

// Numbers that are the same on every machine for the same seed (splitmix64).
class Chance {
 public:
  explicit Chance(std::uint64_t seed) : state_(seed) {}
  double draw();  // from 0 to 1

 private:
  std::uint64_t state_;
};

class SimulatedNetwork {
 public:
  // `scenario` outlives this.
  SimulatedNetwork(const Scenario& scenario, std::uint64_t seed)
      : scenario_(scenario), chance_(seed) {}

  double draw() { return chance_.draw(); }
  [[nodiscard]] const World& at(Duration moment) const;

  // A round that begins then: what it finds, when it ends, and what it costs.
  struct Found {
    Evidence evidence;  // of its end
    Duration end{};
    std::uint64_t bytes = 0;
  };
  Found ask(const Round& round, Duration begin);
  // The machine's own traffic, as it is then; moments must not go back.
  std::optional<net::TcpEvidence> passive(Duration moment);

 private:
  struct Answer {
    net::ProbeOutcome outcome = net::ProbeOutcome::timeout;
    Duration elapsed{};
    std::uint64_t bytes = 0;
  };
  struct Exchange {
    std::optional<Duration> took;  // absent: nothing came in time
    int sent = 0;
  };
  Exchange exchange(Duration begin, Duration again, int tries, Duration limit, Family family);
  Answer resolve(Duration begin, Duration limit, Family family);
  Answer connect(Duration begin, Duration limit, Family family);
  Answer talk(Duration begin, Duration limit, int turns, Family family);
  net::ProbeResult probe(const net::ProbeTarget& target, Duration begin, Duration limit);
  net::ProbeResult probe_api(const std::string& url, Duration begin, Duration limit);
  [[nodiscard]] bool is_silent(const World& world, const std::string& endpoint,
                               Family family) const;
  std::vector<net::ProbeResult> race(const Round& round, Duration begin, Duration& end);

  const Scenario& scenario_;
  Chance chance_;
  Duration next_tick_{};              // of the machine's own traffic
  std::optional<Duration> asked_;     // begin of the first exchange without an answer yet
  std::optional<Duration> answered_;  // when there is one; absent: never
  std::optional<Duration> heard_;
};

}  // namespace core::netstate
