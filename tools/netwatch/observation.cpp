// SPDX-License-Identifier: MIT
#include "tools/netwatch/observation.hpp"

#include "libcore/base/text.hpp"
#include "libcore/net/api_prober.hpp"

namespace netwatch {
namespace {

namespace net = core::net;
namespace netstate = core::netstate;

netstate::Quorum quorum_of(const std::string& need) {
  if (need == "all") return {.kind = netstate::Quorum::Kind::all};
  if (const auto count = core::parse_unsigned(need)) {
    return {.kind = netstate::Quorum::Kind::count, .count = static_cast<int>(*count)};
  }
  return {};
}

netstate::Timing timing_of(const core::config::NetworkConfig& network) {
  netstate::Timing timing;
  timing.interval = network.interval;
  timing.interval_metered = network.interval_metered;
  timing.settle = network.settle;
  timing.settle_up = 2 * network.settle;
  timing.patience = network.timeout;
  return timing;
}

}  // namespace

core::Result<Observation> observation_of(const core::config::NetworkConfig& network) {
  Observation observation;
  for (const auto& endpoint : network.basic) {
    auto target = net::parse_probe_target(endpoint);
    if (!target) return core::fail(core::Errc::config, "network.basic: " + target.error().message);
    observation.basic.push_back(*std::move(target));
  }
  for (const auto& url : network.check) {
    auto target = net::parse_api_target(url);
    if (!target) return core::fail(core::Errc::config, "network.check: " + target.error().message);
    observation.api.push_back(*std::move(target));
  }
  observation.policy.quorum = quorum_of(network.need);
  observation.policy.limited_is = network.limited_is == core::config::LimitedIs::online
                                      ? netstate::Mode::online
                                      : netstate::Mode::offline;
  count_endpoints(observation);
  observation.timing = timing_of(network);
  observation.limits.whole = network.timeout;
  observation.ignore = network.ignore;
  observation.is_passive = network.passive;
  return observation;
}

void count_endpoints(Observation& observation) {
  observation.policy.basic_endpoints = static_cast<int>(observation.basic.size());
  observation.policy.api_endpoints = static_cast<int>(observation.api.size());
}

}  // namespace netwatch
