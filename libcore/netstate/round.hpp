// SPDX-License-Identifier: MIT
#pragma once

// A round of probes: what the monitor asks for, and what that means for a prober. Pure.

#include <cstdint>
#include <span>
#include <vector>

#include "libcore/base/time.hpp"
#include "libcore/net/prober.hpp"

namespace core::netstate {

struct Round {
  std::uint64_t number = 0;  // from which the order of endpoints rotates
  bool tcp_only = false;     // where bytes cost money
  bool with_api = true;
  net::StopAt stop = net::StopAt::first_answer;  // all: to learn of each family
  int tries = 1;  // of each endpoint, side by side: packets may get lost
  Duration stagger = std::chrono::milliseconds{250};
  Duration patience = std::chrono::seconds{3};
  Duration api_patience = std::chrono::seconds{3};
};

// Whom to ask, in this order: at most three of the endpoints, or six where it is about families,
// each as often as the round says. Where only connections shall be made, and no endpoint is for
// that, those that are asked for names; else all.
std::vector<net::ProbeTarget> targets_of(const Round& round,
                                         std::span<const net::ProbeTarget> endpoints);

// `limits` with the deadlines of the round; longer ones are not needed, shorter ones stay.
net::ProbeLimits limits_of(const Round& round, net::ProbeLimits limits);

}  // namespace core::netstate
