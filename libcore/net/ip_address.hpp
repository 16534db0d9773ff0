// SPDX-License-Identifier: MIT
#pragma once

// Addresses of the internet protocol as values: text, bytes, and where they can lead to. Pure: no
// name is looked up.

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "libcore/net/family.hpp"

namespace core::net {

// Which part of the world an address belongs to.
enum class Realm {
  nowhere,     // 0.0.0.0/8, ::, broadcast, multicast: what blocking resolvers answer
  loopback,    //
  link_local,  // 169.254.0.0/16, fe80::/10
  local,       // RFC 1918, 100.64.0.0/10 (carriers and overlays), fc00::/7
  global,      // all others, those of documentation among them
};

struct IpAddress {
  Family family = Family::v4;
  std::array<std::uint8_t, 16> bytes{};  // in network order; the first four of v4
  std::uint32_t scope = 0;               // index of the interface of a link-local one; 0: none

  [[nodiscard]] std::string text() const;
  [[nodiscard]] Realm realm() const;
  // Whether the first `bits` are the same.
  [[nodiscard]] bool is_near(const IpAddress& other, int bits) const;
  bool operator==(const IpAddress&) const = default;
};

// "192.0.2.1", "2001:db8::1", "fe80::1%eth0" (the name of an interface of this machine, or its
// index). nullopt: anything else, names among it.
std::optional<IpAddress> parse_ip(std::string_view text);
// 4 or 16 bytes; nullopt for others. IPv4 in IPv6 (::ffff:192.0.2.1) is IPv4.
std::optional<IpAddress> ip_from_bytes(std::string_view bytes);

// Whether a URL, or an endpoint as "tcp://[::1]:443", leads to this machine: to localhost, a name
// below it, or an address of loopback.
bool is_on_this_machine(std::string_view endpoint);

}  // namespace core::net
