// SPDX-License-Identifier: MIT
#include "libcore/net/links.hpp"

#include <algorithm>
#include <array>
#include <cerrno>
#include <vector>

#include <fcntl.h>
#include <sys/socket.h>
#include <unistd.h>

#include <linux/netlink.h>
#include <linux/rtnetlink.h>

#include "libcore/net/link_messages.hpp"
#include "libcore/net/netlink_socket.hpp"

namespace core::net {
namespace {

constexpr int k_event_buffer = 1024 * 1024;
// Each look takes milliseconds; who changes things that often for so long will make another event.
constexpr int k_looks = 10;
// Of a flood no more is dropped at once; the descriptor stays readable.
constexpr int k_events_at_once = 100'000;

template <typename Item, typename Parse>
Result<std::vector<Item>> read_table(NetlinkSocket& socket, std::uint16_t type,
                                     const std::string& question, Parse parse) {
  for (int look = 0; look < k_looks; ++look) {
    std::vector<Item> items;
    TRY_ASSIGN(const auto whole, socket.dump(type, question, [&](const NetlinkMessage& message) {
      for (auto& item : parse(message))
        items.push_back(std::move(item));
    }));
    if (whole == Whole::yes) return items;
  }
  return fail(Errc::later, "read: netlink: it changes faster than it can be read");
}

// An optional as a list of at most one.
template <typename T, std::optional<T> (*parse)(const NetlinkMessage&)>
std::vector<T> as_list(const NetlinkMessage& message) {
  auto item = parse(message);
  if (!item) return {};
  return {*std::move(item)};
}

}  // namespace

const Link* LinkSnapshot::link(int index) const {
  const auto found = std::ranges::find(links, index, &Link::index);
  return found == links.end() ? nullptr : &*found;
}

Result<Links> Links::open() {
  sys::Fd fd(::socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC | SOCK_NONBLOCK, NETLINK_ROUTE));
  if (!fd.is_open()) return sys::io_error("open", "netlink", errno);
  // Beyond the system's limit only root may go; for others the limit has to do.
  const int size = k_event_buffer;
  if (::setsockopt(fd.get(), SOL_SOCKET, SO_RCVBUFFORCE, &size, sizeof size) != 0) {
    ::setsockopt(fd.get(), SOL_SOCKET, SO_RCVBUF, &size, sizeof size);
  }
  sockaddr_nl address{};
  address.nl_family = AF_NETLINK;
  address.nl_groups =
      RTMGRP_LINK | RTMGRP_IPV4_IFADDR | RTMGRP_IPV6_IFADDR | RTMGRP_IPV4_ROUTE | RTMGRP_IPV6_ROUTE;
  if (::bind(fd.get(), reinterpret_cast<const sockaddr*>(&address), sizeof address) != 0) {
    return sys::io_error("subscribe", "netlink", errno);
  }
  return Links(std::move(fd));
}

Result<bool> Links::drain() {
  char byte = 0;
  for (int taken = 0; taken < k_events_at_once; ++taken) {
    if (::recv(events_.get(), &byte, sizeof byte, MSG_DONTWAIT | MSG_TRUNC) >= 0) continue;
    if (errno == EAGAIN) return taken > 0;
    // ENOBUFS: some were lost, so there were some.
    if (errno != ENOBUFS && errno != EINTR) return sys::io_error("read", "netlink", errno);
  }
  return true;
}

Result<LinkSnapshot> Links::read() const {
  TRY_ASSIGN(auto socket, NetlinkSocket::open(NETLINK_ROUTE));
  LinkSnapshot snapshot;
  TRY_ASSIGN(snapshot.links,
             read_table<Link>(socket, RTM_GETLINK, link_question(), as_list<Link, parse_link>));
  TRY_ASSIGN(snapshot.addresses, read_table<Address>(socket, RTM_GETADDR, address_question(),
                                                     as_list<Address, parse_address>));
  std::vector<RouteLeg> legs;
  for (const auto family : k_families) {
    TRY_ASSIGN(auto some, read_table<RouteLeg>(socket, RTM_GETROUTE, route_question(family),
                                               parse_default_route));
    // A kernel without the family answers with the routes of all others.
    std::erase_if(some, [&](const RouteLeg& leg) { return leg.route.family != family; });
    legs.insert(legs.end(), some.begin(), some.end());
  }
  snapshot.routes = best_routes(std::move(legs));
  return snapshot;
}

bool has_carrier(const std::string& interface) {
  if (interface.empty() || interface.find('/') != std::string::npos) return false;
  const auto path = "/sys/class/net/" + interface + "/carrier";
  const sys::Fd fd(::open(path.c_str(), O_RDONLY | O_CLOEXEC));
  char digit = 0;
  // Of an interface that is down it cannot be read (EINVAL).
  return fd.is_open() && ::read(fd.get(), &digit, sizeof digit) == 1 && digit == '1';
}

}  // namespace core::net
