// SPDX-License-Identifier: MIT
#pragma once

// What rtnetlink(7) says of links, addresses and routes: messages to values. Pure.

#include <optional>
#include <string>
#include <vector>

#include "libcore/net/links.hpp"
#include "libcore/net/netlink_message.hpp"

namespace core::net {

// What to ask for; the payloads of RTM_GETLINK, RTM_GETADDR and RTM_GETROUTE.
std::string link_question();
std::string address_question();
std::string route_question(Family family);

// nullopt: the message is about something else, or damaged.
std::optional<Link> parse_link(const NetlinkMessage& message);
std::optional<Address> parse_address(const NetlinkMessage& message);

// One way that a default route of the main table has, or none.
struct RouteLeg {
  DefaultRoute route;
  bool is_barrier = false;  // unreachable, blackhole, prohibit, throw: it leads nowhere
};
// Several for a multipath route. Empty: it is no default route.
std::vector<RouteLeg> parse_default_route(const NetlinkMessage& message);

// Of each family those with its lowest metric, which alone the kernel uses; none when that one
// leads nowhere.
std::vector<DefaultRoute> best_routes(std::vector<RouteLeg> legs);

}  // namespace core::net
