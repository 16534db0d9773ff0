// SPDX-License-Identifier: MIT
#include "tools/netwatch/metering.hpp"

namespace netwatch {

namespace netstate = core::netstate;

netstate::Metered metered_of(const core::config::NetworkConfig& network,
                             const netstate::Monitor& /*monitor*/) {
  switch (network.metered) {
    case core::config::MeteredSetting::yes:
      return netstate::Metered::yes;
    case core::config::MeteredSetting::no:
      return netstate::Metered::no;
    case core::config::MeteredSetting::automatic:
      break;
  }
  return netstate::Metered::unknown;
}

netstate::Bytes bytes_of(netstate::Metered metered) {
  const bool costs = metered == netstate::Metered::yes || metered == netstate::Metered::guess_yes;
  return costs ? netstate::Bytes::cost_money : netstate::Bytes::count_little;
}

}  // namespace netwatch
