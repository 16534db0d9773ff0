// SPDX-License-Identifier: MIT
#include "libcore/netstate/ladder.hpp"

#include <algorithm>
#include <array>

#include <fnmatch.h>

namespace core::netstate {
namespace {

using net::Address;
using net::DefaultRoute;
using net::Link;
using net::LinkSnapshot;

constexpr std::array k_built_in{"veth*", "docker*",  "br-*",  "virbr*", "vnet*",
                                "cni*",  "flannel*", "cali*", "tap*"};

bool is_alive(const Link* link) {
  return link != nullptr && link->is_up && link->has_carrier;
}

bool has_default_route(const LinkSnapshot& snapshot, const Link& link) {
  return std::ranges::any_of(snapshot.routes,
                             [&](const DefaultRoute& route) { return route.link == link.index; });
}

// A port of a bridge or bond is no interface of its own: what it belongs to is.
bool counts(const LinkSnapshot& snapshot, const Link& link, std::span<const std::string> ignore) {
  if (has_default_route(snapshot, link)) return true;
  return !link.is_loopback && link.master == 0 && !is_ignored(link.name, ignore);
}

const DefaultRoute* route_out(const LinkSnapshot& snapshot, Family family) {
  const auto found = std::ranges::find_if(snapshot.routes, [&](const DefaultRoute& route) {
    return route.family == family && is_alive(snapshot.link(route.link));
  });
  return found == snapshot.routes.end() ? nullptr : std::to_address(found);
}

Seen seen(bool yes) {
  return yes ? Seen::yes : Seen::no;
}

}  // namespace

bool is_ignored(std::string_view interface, std::span<const std::string> ignore) {
  const std::string name(interface);
  const auto matches = [&](const char* pattern) { return fnmatch(pattern, name.c_str(), 0) == 0; };
  return std::ranges::any_of(k_built_in, matches) ||
         std::ranges::any_of(ignore, [&](const auto& pattern) { return matches(pattern.c_str()); });
}

Ladder ladder_of(const LinkSnapshot& snapshot, std::span<const std::string> ignore) {
  const auto is_way = [&](const Link* link) {
    return is_alive(link) && counts(snapshot, *link, ignore);
  };
  const bool is_link =
      std::ranges::any_of(snapshot.links, [&](const Link& link) { return is_way(&link); });
  Ladder ladder;
  for (const auto family : net::k_families) {
    const DefaultRoute* const route = route_out(snapshot, family);
    const bool has_address = std::ranges::any_of(snapshot.addresses, [&](const Address& address) {
      if (address.family != family || !address.is_global) return false;
      return is_way(snapshot.link(address.link)) || route != nullptr;
    });
    auto& rungs = ladder[static_cast<std::size_t>(family)];
    rungs.link = seen(is_link);
    rungs.addr = seen(has_address);
    rungs.route = seen(has_address && route != nullptr);
    if (rungs.route == Seen::no) continue;
    rungs.interface = snapshot.link(route->link)->name;
    rungs.gateway = route->gateway;
  }
  return ladder;
}

std::string network_of(const Ladder& ladder, std::string_view interface) {
  for (const auto& rungs : ladder) {
    if (interface.empty() || rungs.interface != interface) continue;
    return rungs.gateway.empty() ? rungs.interface : rungs.interface + "/" + rungs.gateway;
  }
  return {};
}

}  // namespace core::netstate
