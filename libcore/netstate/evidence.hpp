// SPDX-License-Identifier: MIT
#pragma once

// Evidence: what was seen of the network at one moment, rung by rung of the ladder, each cheaper
// than the next: link, address, route, passive, DNS, TCP, HTTP, API. Values only. `net` finds it,
// verdict.hpp judges it.

#include <array>
#include <optional>
#include <string>
#include <vector>

#include "libcore/base/enum_names.hpp"
#include "libcore/base/time.hpp"
#include "libcore/net/probe_result.hpp"
#include "libcore/net/tcp_evidence.hpp"
#include "libcore/netstate/state.hpp"

namespace core::netstate {

// --- what the kernel says at once: hard evidence ---

enum class Seen { unknown, no, yes };  // unknown: the kernel would not tell

struct FamilyLadder {
  Seen link = Seen::unknown;   // an interface that counts is up and has a carrier
  Seen addr = Seen::unknown;   // with a global address of this family
  Seen route = Seen::unknown;  // a way to the outside, over an interface with a carrier
  std::string interface;       // of the route; empty: none
  std::string gateway;         // text of its address; empty: none

  bool operator==(const FamilyLadder&) const = default;
};

using Ladder = std::array<FamilyLadder, 2>;  // by Family

// --- what siblings have seen while they worked ---

struct SiblingReport {
  Time at;
  bool is_delivered =
      false;                // an answer of the right server came; else: a name or connection failed
  std::string destination;  // origin
};

struct Evidence {
  Ladder families;
  std::optional<net::TcpEvidence> passive;  // absent: nothing was looked at, or there was nothing
  std::vector<net::ProbeResult> basic;      // of this round; empty: none were sent
  std::vector<net::ProbeResult> api;
  std::vector<SiblingReport> siblings;
  // The wall clock is not synchronised, or differs from a Date header by more than a day.
  bool clock_is_doubtful = false;

  [[nodiscard]] const FamilyLadder& of(Family family) const {
    return families[static_cast<std::size_t>(family)];
  }
  [[nodiscard]] FamilyLadder& of(Family family) {
    return families[static_cast<std::size_t>(family)];
  }
};

}  // namespace core::netstate

template <>
inline constexpr std::array<std::string_view, 3> core::enum_names<core::netstate::Seen>{
    "unknown", "no", "yes"};
