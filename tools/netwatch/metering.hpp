// SPDX-License-Identifier: MIT
#pragma once

// Whether bytes cost money on the way out, for what is published.

#include "libcore/config/config.hpp"
#include "libcore/netstate/monitor.hpp"
#include "libcore/netstate/state.hpp"

namespace netwatch {

core::netstate::Metered metered_of(const core::config::NetworkConfig& network,
                                   const core::netstate::Monitor& monitor);

// How the monitor shall look.
core::netstate::Bytes bytes_of(core::netstate::Metered metered);

}  // namespace netwatch
