// SPDX-License-Identifier: MIT
#include "tools/netwatch/metering.hpp"

namespace netwatch {
namespace {

namespace netstate = core::netstate;

// Of the family that goes that way.
std::string gateway_of(const netstate::Ladder& ladder, const std::string& interface) {
  for (const auto& family : ladder) {
    if (family.interface == interface && !family.gateway.empty()) return family.gateway;
  }
  return {};
}

}  // namespace

netstate::Metered Metering::of(const core::config::NetworkConfig& network,
                               const netstate::Monitor& monitor) {
  const std::string interface = monitor.verdict() ? monitor.verdict()->interface : "";
  const auto gateway = gateway_of(monitor.evidence().families, interface);
  if (interface != evidence_.interface || gateway != gateway_) {
    gateway_ = gateway;
    evidence_ = netstate::metered_evidence(machine_, interface, gateway);
    evidence_.interface = interface;
  }
  return netstate::metered_of(network.metered, evidence_);
}

netstate::Bytes bytes_of(netstate::Metered metered) {
  const bool costs = metered == netstate::Metered::yes || metered == netstate::Metered::guess_yes;
  return costs ? netstate::Bytes::cost_money : netstate::Bytes::count_little;
}

}  // namespace netwatch
