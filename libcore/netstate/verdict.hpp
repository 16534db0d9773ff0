// SPDX-License-Identifier: MIT
#pragma once

// The verdict on one round of evidence: a pure function, the decision table of offkit-network(5).
// It knows no history: strikes, hysteresis and time are the monitor's (monitor.hpp).

#include <array>
#include <optional>
#include <string>

#include "libcore/base/time.hpp"
#include "libcore/netstate/evidence.hpp"
#include "libcore/netstate/state.hpp"

namespace core::netstate {

// How many of the API endpoints must answer.
struct Quorum {
  enum class Kind { any, all, count } kind = Kind::any;
  int count = 1;  // of Kind::count

  [[nodiscard]] bool is_met(int answered, int asked) const;
};

struct Policy {
  int basic_endpoints = 0;  // configured
  int api_endpoints = 0;
  Quorum quorum{};
  Duration passive_is_fresh = std::chrono::seconds{30};
  Duration slow = std::chrono::seconds{1};  // a first answer that takes longer
  Mode limited_is = Mode::offline;
};

// Whether one round is enough to act on.
enum class Weight {
  hard,   // the kernel says so: at once
  soft,   // probes failed: to be confirmed by others
  proof,  // something answered
};

struct Verdict {
  State state = State::disconnected;
  Reason reason = Reason::no_link;
  Weight weight = Weight::hard;
  std::array<FamilyState, 2> families{};  // by Family
  std::string interface;                  // of the way out; empty: none
  std::string login_url;                  // of a portal; empty: not known
  std::string note;                       // for people: which endpoint, which certificate
  std::optional<Duration> retry_after;
  bool is_degraded = false;  // an API endpoint answers 5xx while the quorum is met

  [[nodiscard]] FamilyState of(Family family) const {
    return families[static_cast<std::size_t>(family)];
  }
};

Verdict judge(const Evidence& evidence, const Policy& policy);

// What programs shall act on when nobody has set a mode.
Mode mode_of(State state, const Policy& policy);

}  // namespace core::netstate
