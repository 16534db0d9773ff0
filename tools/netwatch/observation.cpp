// SPDX-License-Identifier: MIT
#include "tools/netwatch/observation.hpp"

#include <algorithm>
#include <string_view>

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

bool is_meant(const net::ProbeTarget& target, std::string_view name) {
  if (target.name == name || target.host == name) return true;
  const auto host = target.name.find("://");
  if (host == std::string::npos) return false;
  const auto rest = std::string_view(target.name).substr(host + 3);
  return rest.substr(0, rest.find_first_of(":/?#")) == name;
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

core::Result<> keep_only(Observation& observation, const std::vector<std::string>& names) {
  for (const auto& name : names) {
    const auto named = [&](const auto& target) { return is_meant(target, name); };
    if (std::ranges::none_of(observation.basic, named) &&
        std::ranges::none_of(observation.api, named)) {
      return core::fail(core::Errc::usage, "--endpoint: not configured: " + name);
    }
  }
  const auto is_left_out = [&](const auto& target) {
    return std::ranges::none_of(names, [&](const auto& name) { return is_meant(target, name); });
  };
  std::erase_if(observation.basic, is_left_out);
  std::erase_if(observation.api, is_left_out);
  count_endpoints(observation);
  return {};
}

void count_endpoints(Observation& observation) {
  observation.policy.basic_endpoints = static_cast<int>(observation.basic.size());
  observation.policy.api_endpoints = static_cast<int>(observation.api.size());
}

}  // namespace netwatch
