// SPDX-License-Identifier: MIT
#pragma once

// Links, addresses and routes as the kernel has them (rtnetlink(7)), and a descriptor that becomes
// readable when something about them changes. Level-triggered: an event only says that all of it
// should be read again, so a lost one (ENOBUFS) costs nothing but a look.

#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include "libcore/base/result.hpp"
#include "libcore/net/family.hpp"
#include "libcore/sys/fd.hpp"

namespace core::net {

struct Link {
  int index = 0;
  std::string name{};
  std::string kind{};  // "veth", "bridge", "wireguard"; empty for hardware
  int master = 0;      // index of the bridge or bond it belongs to; 0: none
  bool is_loopback = false;
  bool is_up = false;        // IFF_UP
  bool has_carrier = false;  // IFF_LOWER_UP, and not held back: operstate dormant or testing

  bool operator==(const Link&) const = default;
};

struct Address {
  int link = 0;
  Family family = Family::v4;
  std::string text;
  int prefix = 0;          // bits that addresses on the same link share
  bool is_global = false;  // scope universe, not tentative, not deprecated, not link-local

  bool operator==(const Address&) const = default;
};

// A default route of the main table. Only those with the lowest metric of their family are told,
// for the kernel uses no other; several are the legs of a multipath route. A lowest one that is
// unreachable, blackhole or prohibit leaves the family without any.
struct DefaultRoute {
  int link = 0;
  Family family = Family::v4;
  std::string gateway{};  // empty: none, as over a tunnel
  std::uint32_t metric = 0;

  bool operator==(const DefaultRoute&) const = default;
};

struct LinkSnapshot {
  std::vector<Link> links;
  std::vector<Address> addresses;
  std::vector<DefaultRoute> routes;  // of v4, then of v6

  [[nodiscard]] const Link* link(int index) const;
  bool operator==(const LinkSnapshot&) const = default;
};

class Links {
 public:
  // Subscribes. Errors: denied, io: a container may forbid it.
  static Result<Links> open();

  [[nodiscard]] int fd() const { return events_.get(); }
  // Takes all events without looking at them. True: there were some.
  Result<bool> drain();
  // Asks the kernel for everything. Errors: denied, io; later, when it changes faster than it can
  // be read: then there are events to come.
  [[nodiscard]] Result<LinkSnapshot> read() const;

 private:
  explicit Links(sys::Fd events) : events_(std::move(events)) {}

  sys::Fd events_;
};

// Carrier from sysfs, which knows at once what an event tells up to a second later. False also when
// there is no such interface.
bool has_carrier(const std::string& interface);

}  // namespace core::net
