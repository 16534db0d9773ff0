// SPDX-License-Identifier: MIT
#include "libcore/net/link_messages.hpp"

#include <algorithm>
#include <array>

#include <arpa/inet.h>
#include <linux/if.h>
#include <linux/if_addr.h>
#include <linux/if_link.h>
#include <linux/rtnetlink.h>

namespace core::net {
namespace {

std::optional<Family> family_of(unsigned char number) {
  if (number == AF_INET) return Family::v4;
  if (number == AF_INET6) return Family::v6;
  return std::nullopt;
}

// Empty for bytes of another length than an address of the family has.
std::string address_text(Family family, std::string_view bytes) {
  if (bytes.size() != (family == Family::v4 ? sizeof(in_addr) : sizeof(in6_addr))) return {};
  std::array<char, INET6_ADDRSTRLEN> text{};
  ::inet_ntop(family == Family::v4 ? AF_INET : AF_INET6, bytes.data(), text.data(), text.size());
  return text.data();
}

// "veth\0" and "veth": both occur.
std::string text_of(std::string_view value) {
  return std::string(value.substr(0, value.find('\0')));
}

std::string kind_of(std::string_view link_info) {
  NetlinkAttributes attributes(link_info);
  while (const auto attribute = attributes.next()) {
    if (attribute->type == IFLA_INFO_KIND) return text_of(attribute->value);
  }
  return {};
}

bool is_link_local(Family family, std::string_view bytes) {
  const auto byte = [bytes](std::size_t at) {
    return at < bytes.size() ? static_cast<unsigned char>(bytes[at]) : 0U;
  };
  if (family == Family::v4) return byte(0) == 169 && byte(1) == 254;
  return byte(0) == 0xFE && (byte(1) & 0xC0U) == 0x80;
}

// A deprecated address is for what is left of old connections; a tentative one cannot be used yet,
// unless the kernel is told to be optimistic.
bool is_usable(std::uint32_t flags) {
  if ((flags & (IFA_F_DADFAILED | IFA_F_DEPRECATED)) != 0) return false;
  return (flags & IFA_F_TENTATIVE) == 0 || (flags & IFA_F_OPTIMISTIC) != 0;
}

// --- routes ---

// RTA_VIA: a gateway of the other family, as IPv4 over an IPv6 gateway.
std::string via_text(std::string_view value) {
  const auto number = read_front<std::uint16_t>(value);
  const auto family = number ? family_of(static_cast<unsigned char>(*number)) : std::nullopt;
  return family ? address_text(*family, value.substr(sizeof *number)) : std::string{};
}

void take_gateway(DefaultRoute& route, const NetlinkAttribute& attribute) {
  if (attribute.type == RTA_GATEWAY) route.gateway = address_text(route.family, attribute.value);
  if (attribute.type == RTA_VIA) route.gateway = via_text(attribute.value);
}

std::vector<DefaultRoute> parse_legs(std::string_view multipath, const DefaultRoute& common) {
  std::vector<DefaultRoute> legs;
  while (const auto hop = read_front<rtnexthop>(multipath)) {
    if (hop->rtnh_len < sizeof *hop || hop->rtnh_len > multipath.size()) break;
    auto leg = common;
    leg.link = hop->rtnh_ifindex;
    NetlinkAttributes attributes(multipath.substr(0, hop->rtnh_len).substr(sizeof *hop));
    while (const auto attribute = attributes.next())
      take_gateway(leg, *attribute);
    if ((hop->rtnh_flags & RTNH_F_DEAD) == 0) legs.push_back(std::move(leg));
    const std::size_t step = (hop->rtnh_len + 3U) & ~std::size_t{3};
    multipath.remove_prefix(std::min(multipath.size(), step));
  }
  return legs;
}

}  // namespace

std::string link_question() {
  std::string payload(bytes_of(ifinfomsg{}));
  // Counters are most of an answer, and nobody wants them.
  const std::uint32_t without_counters = RTEXT_FILTER_SKIP_STATS;
  append_attribute(payload, IFLA_EXT_MASK, bytes_of(without_counters));
  return payload;
}

std::string address_question() {
  return std::string(bytes_of(ifaddrmsg{}));
}

std::string route_question(Family family) {
  rtmsg route{};
  route.rtm_family = family == Family::v4 ? AF_INET : AF_INET6;
  route.rtm_table = RT_TABLE_MAIN;
  return std::string(bytes_of(route));
}

std::optional<Link> parse_link(const NetlinkMessage& message) {
  const auto fixed = read_front<ifinfomsg>(message.payload);
  // Bridges tell of their ports under a family of their own.
  if (message.type != RTM_NEWLINK || !fixed || fixed->ifi_family != AF_UNSPEC) return std::nullopt;
  Link link{.index = fixed->ifi_index};
  link.is_loopback = (fixed->ifi_flags & IFF_LOOPBACK) != 0;
  link.is_up = (fixed->ifi_flags & IFF_UP) != 0;
  unsigned char state = IF_OPER_UNKNOWN;
  NetlinkAttributes attributes(after_front<ifinfomsg>(message.payload));
  while (const auto attribute = attributes.next()) {
    if (attribute->type == IFLA_IFNAME) link.name = text_of(attribute->value);
    if (attribute->type == IFLA_LINKINFO) link.kind = kind_of(attribute->value);
    if (attribute->type == IFLA_MASTER) link.master = read_front<int>(attribute->value).value_or(0);
    if (attribute->type == IFLA_OPERSTATE) {
      state = read_front<unsigned char>(attribute->value).value_or(state);
    }
  }
  // The flag is of now. The state follows up to a second later, so that one says "down" or "lower
  // layer down" of a link that works already; what it says of 802.1X (dormant) is worth waiting
  // for.
  const bool is_held_back =
      state == IF_OPER_DORMANT || state == IF_OPER_TESTING || state == IF_OPER_NOTPRESENT;
  link.has_carrier = (fixed->ifi_flags & IFF_LOWER_UP) != 0 && !is_held_back;
  return link;
}

std::optional<Address> parse_address(const NetlinkMessage& message) {
  const auto fixed = read_front<ifaddrmsg>(message.payload);
  if (message.type != RTM_NEWADDR || !fixed) return std::nullopt;
  const auto family = family_of(fixed->ifa_family);
  if (!family) return std::nullopt;
  std::uint32_t flags = fixed->ifa_flags;
  std::string_view own;
  std::string_view other;
  NetlinkAttributes attributes(after_front<ifaddrmsg>(message.payload));
  while (const auto attribute = attributes.next()) {
    if (attribute->type == IFA_LOCAL) own = attribute->value;
    if (attribute->type == IFA_ADDRESS) other = attribute->value;  // the peer's, if there is one
    if (attribute->type == IFA_FLAGS) {
      flags = read_front<std::uint32_t>(attribute->value).value_or(flags);
    }
  }
  if (own.empty()) own = other;
  Address address{.link = static_cast<int>(fixed->ifa_index),
                  .family = *family,
                  .text = address_text(*family, own),
                  .prefix = fixed->ifa_prefixlen};
  if (address.text.empty()) return std::nullopt;
  address.is_global =
      fixed->ifa_scope == RT_SCOPE_UNIVERSE && is_usable(flags) && !is_link_local(*family, own);
  return address;
}

std::vector<RouteLeg> parse_default_route(const NetlinkMessage& message) {
  const auto fixed = read_front<rtmsg>(message.payload);
  if (message.type != RTM_NEWROUTE || !fixed || fixed->rtm_dst_len != 0) return {};
  const auto family = family_of(fixed->rtm_family);
  if (!family || (fixed->rtm_flags & RTM_F_CLONED) != 0) return {};
  DefaultRoute route{.family = *family};
  std::uint32_t table = fixed->rtm_table;
  std::string_view multipath;
  NetlinkAttributes attributes(after_front<rtmsg>(message.payload));
  while (const auto attribute = attributes.next()) {
    take_gateway(route, *attribute);
    if (attribute->type == RTA_OIF) route.link = read_front<int>(attribute->value).value_or(0);
    if (attribute->type == RTA_MULTIPATH) multipath = attribute->value;
    if (attribute->type == RTA_TABLE) {
      table = read_front<std::uint32_t>(attribute->value).value_or(table);
    }
    if (attribute->type == RTA_PRIORITY) {
      route.metric = read_front<std::uint32_t>(attribute->value).value_or(0);
    }
  }
  if (table != RT_TABLE_MAIN) return {};
  if (fixed->rtm_type != RTN_UNICAST) return {{.route = route, .is_barrier = true}};
  std::vector<RouteLeg> legs;
  if (multipath.empty() && (fixed->rtm_flags & RTNH_F_DEAD) == 0) legs.push_back({.route = route});
  for (auto& leg : parse_legs(multipath, route))
    legs.push_back({.route = std::move(leg)});
  return legs;
}

std::vector<DefaultRoute> best_routes(std::vector<RouteLeg> legs) {
  std::ranges::stable_sort(legs, {}, [](const RouteLeg& leg) { return leg.route.metric; });
  std::vector<DefaultRoute> best;
  for (const auto family : k_families) {
    const RouteLeg* first = nullptr;
    for (const auto& leg : legs) {
      if (leg.route.family != family) continue;
      if (first == nullptr) first = &leg;
      if (first->is_barrier || leg.is_barrier || leg.route.metric != first->route.metric) continue;
      best.push_back(leg.route);
    }
  }
  return best;
}

}  // namespace core::net
