// SPDX-License-Identifier: MIT
#pragma once

// What NetworkManager says of metering, by the helper program netwatch-metered, which has D-Bus.

#include <optional>
#include <string>

#include "libcore/base/time.hpp"
#include "libcore/netstate/state.hpp"
#include "libcore/sys/child.hpp"
#include "libcore/sys/environment.hpp"
#include "libcore/sys/machine.hpp"

namespace core::netstate {

// False: there is no system bus, so nobody needs to be asked.
bool has_system_bus(const sys::Environment& environment, const sys::Machine& machine);

// Of an interface, else (empty) of the primary connection. Waits for `longest` at most. nullopt:
// it does not run, or does not know, or the helper is not there; and when a signal was noted.
std::optional<Metered> ask_network_manager(sys::Children& children, const std::string& helper,
                                           const std::string& interface, Duration longest);

}  // namespace core::netstate
