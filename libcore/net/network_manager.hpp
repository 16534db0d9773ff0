// SPDX-License-Identifier: MIT
#pragma once

// NetworkManager by D-Bus: does it say that bytes cost money? Loads libsystemd: for the helper
// program netwatch-metered alone.

#include <optional>
#include <string>

#include "libcore/base/result.hpp"
#include "libcore/base/time.hpp"

namespace core::net {

// NMMetered of this interface (IP or hardware), or, when it is empty, of the primary connection:
// 0 unknown, 1 yes, 2 no, 3 guess-yes, 4 guess-no. nullopt: NetworkManager does not run, or has no
// such interface; it is not started. The bus is that of DBUS_SYSTEM_BUS_ADDRESS, or the system's.
// Errors: unavailable, where there is no bus; timeout; io.
Result<std::optional<unsigned>> read_metered(const std::string& interface, Duration longest);

}  // namespace core::net
