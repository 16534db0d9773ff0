// SPDX-License-Identifier: MIT
#pragma once

// The verdict on one round of evidence: a pure function, the decision table of offkit-network(5).
// It knows no history: strikes, hysteresis and time are for whoever asks it again and again.

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

  // A count is never more than were asked. False when none were.
  [[nodiscard]] bool is_met(int answered, int asked) const;
  bool operator==(const Quorum&) const = default;
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

// `evidence` is of one round: siblings' reports since it began, and no results when nothing was
// asked. Evidence that settles nothing (there is a way out, nobody was asked, the own traffic says
// nothing) is connected with not-probed: hard without endpoints, and soft, so that nobody acts on
// it, where there are some that could be asked.
//
// The first that holds:
//   no family has a way out                                     disconnected, hard
//   the quorum of the API is met, or a sibling has delivered    connected, proof
//   something answers in the place of others                    limited portal, dns-hijack, proof
//   nothing comes back, and the own traffic is silent meanwhile disconnected, soft
//   names are not resolved                                      limited dns-failure, soft
//   the API was asked                                           limited api-*, clock-skew, soft
//   otherwise                                                   connected, proof
Verdict judge(const Evidence& evidence, const Policy& policy);

// Among ok, ok-v4-only, ok-v6-only and no-api-configured. A family of which nothing is known is
// not held against the network.
Reason connected_reason(const std::array<FamilyState, 2>& families, const Policy& policy);

// The interface of the way out: of a family that works before one that might. Empty: none.
std::string way_out(const std::array<FamilyState, 2>& families, const Ladder& ladder);

// "main: HTTP 503": what came of a probe, for people.
std::string describe(const net::ProbeResult& result);

// What programs shall act on when nobody has set a mode.
Mode mode_of(State state, const Policy& policy);

}  // namespace core::netstate
