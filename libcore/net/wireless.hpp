// SPDX-License-Identifier: MIT
#pragma once

// Which wireless network an interface is in.

#include <optional>
#include <string>

namespace core::net {

// Its SSID: up to 32 bytes of any kind. nullopt: it is in none, is not wireless, or the kernel does
// not tell.
std::optional<std::string> ssid_of(const std::string& interface);

}  // namespace core::net
