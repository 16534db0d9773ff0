// SPDX-License-Identifier: MIT
#pragma once

// What is to be looked at, and how: the settings network.* as the observer takes them.

#include <string>
#include <vector>

#include "libcore/base/result.hpp"
#include "libcore/config/config.hpp"
#include "libcore/net/prober.hpp"
#include "libcore/netstate/timing.hpp"
#include "libcore/netstate/verdict.hpp"

namespace netwatch {

struct Observation {
  core::netstate::Policy policy;
  core::netstate::Timing timing;
  std::vector<core::net::ProbeTarget> basic;
  std::vector<core::net::ProbeTarget> api;
  core::net::ProbeLimits limits;
  std::vector<std::string> ignore;
  bool is_passive = true;  // the own traffic is looked at
};

// Errors: config, for endpoints that are not understood.
core::Result<Observation> observation_of(const core::config::NetworkConfig& network);

// Of the endpoints only these stay, each named as in the settings or by its host. Errors: usage,
// for one that is not configured.
core::Result<> keep_only(Observation& observation, const std::vector<std::string>& names);

// The policy counts endpoints: to be called when some were taken away.
void count_endpoints(Observation& observation);

}  // namespace netwatch
