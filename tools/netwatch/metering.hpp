// SPDX-License-Identifier: MIT
#pragma once

// Whether bytes cost money on the way out, for what is published. What the machine says of an
// interface is looked at once.

#include <string>

#include "libcore/config/config.hpp"
#include "libcore/netstate/metered.hpp"
#include "libcore/netstate/monitor.hpp"
#include "libcore/netstate/state.hpp"
#include "libcore/sys/machine.hpp"

namespace netwatch {

class Metering {
 public:
  core::netstate::Metered of(const core::config::NetworkConfig& network,
                             const core::netstate::Monitor& monitor);

 private:
  core::sys::RealMachine machine_;
  std::string gateway_;
  core::netstate::MeteredEvidence evidence_;
};

// How the monitor shall look.
core::netstate::Bytes bytes_of(core::netstate::Metered metered);

}  // namespace netwatch
