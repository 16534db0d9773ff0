// SPDX-License-Identifier: MIT
#pragma once

// The lowest rungs, from what the kernel says of links, addresses and routes: pure. An interface
// counts when it is none of those that containers and bridges come with, or when the default route
// goes over it.
//
//   link    an interface that counts is up and has a carrier
//   addr    a global address on such an interface, or on any, where a default route may borrow it
//   route   a default route over an interface with a carrier (the kernel leaves that of IPv4 in
//           place when the carrier is lost), with an address to send from

#include <span>
#include <string>
#include <string_view>

#include "libcore/net/links.hpp"
#include "libcore/netstate/evidence.hpp"

namespace core::netstate {

// Whether an interface of this name counts only when the default route goes over it: as built in
// (offkit-network(5)), or by a pattern of `ignore` (fnmatch(3)).
bool is_ignored(std::string_view interface, std::span<const std::string> ignore);

Ladder ladder_of(const net::LinkSnapshot& snapshot, std::span<const std::string> ignore);

// The network that `interface` leads to, as far as the kernel knows: "wlan0/10.0.0.1", or "tun0"
// where there is no gateway. IPv4 names it where both families go that way. Empty: nowhere.
std::string network_of(const Ladder& ladder, std::string_view interface);

}  // namespace core::netstate
