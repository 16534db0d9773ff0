// SPDX-License-Identifier: MIT
#include "libcore/net/ip_address.hpp"

#include <algorithm>
#include <span>

#include <arpa/inet.h>
#include <net/if.h>

#include "libcore/base/text.hpp"

namespace core::net {
namespace {

using Bytes = std::span<const std::uint8_t>;

bool begins_with(Bytes bytes, Bytes prefix, int bits) {
  const auto whole = static_cast<std::size_t>(bits) / 8;
  if (!std::equal(bytes.begin(), bytes.begin() + static_cast<std::ptrdiff_t>(whole),
                  prefix.begin())) {
    return false;
  }
  const auto rest = static_cast<unsigned>(bits) % 8;
  if (rest == 0) return true;
  const unsigned mask = 0xFF00U >> rest;
  return ((bytes[whole] ^ prefix[whole]) & mask & 0xFFU) == 0;
}

struct Block {
  std::array<std::uint8_t, 4> front{};
  int bits = 0;
  Realm realm = Realm::global;
};

// The first one that holds counts.
constexpr std::array k_v4_blocks{
    Block{{0}, 8, Realm::nowhere},
    Block{{127}, 8, Realm::loopback},
    Block{{169, 254}, 16, Realm::link_local},
    Block{{10}, 8, Realm::local},
    Block{{172, 16}, 12, Realm::local},
    Block{{192, 168}, 16, Realm::local},
    Block{{100, 64}, 10, Realm::local},
    Block{{224}, 3, Realm::nowhere},
};
constexpr std::array k_v6_blocks{
    Block{{0xFE, 0x80}, 10, Realm::link_local},
    Block{{0xFC}, 7, Realm::local},
    Block{{0xFF}, 8, Realm::nowhere},
};

Realm realm_in(Bytes bytes, std::span<const Block> blocks) {
  for (const auto& block : blocks) {
    if (begins_with(bytes, block.front, block.bits)) return block.realm;
  }
  return Realm::global;
}

std::uint32_t scope_of(std::string_view name) {
  if (const auto index = parse_unsigned(name)) return static_cast<std::uint32_t>(*index);
  return ::if_nametoindex(std::string(name).c_str());
}

}  // namespace

std::string IpAddress::text() const {
  std::array<char, INET6_ADDRSTRLEN> text{};
  ::inet_ntop(family == Family::v4 ? AF_INET : AF_INET6, bytes.data(), text.data(), text.size());
  return text.data();
}

Realm IpAddress::realm() const {
  if (family == Family::v4) return realm_in(Bytes(bytes).first(4), k_v4_blocks);
  const bool is_zero = std::ranges::all_of(Bytes(bytes).first(15), [](auto b) { return b == 0; });
  if (is_zero && bytes[15] == 0) return Realm::nowhere;
  if (is_zero && bytes[15] == 1) return Realm::loopback;
  return realm_in(bytes, k_v6_blocks);
}

bool IpAddress::is_near(const IpAddress& other, int bits) const {
  const int all = family == Family::v4 ? 32 : 128;
  return family == other.family && begins_with(bytes, other.bytes, std::clamp(bits, 0, all));
}

std::optional<IpAddress> ip_from_bytes(std::string_view bytes) {
  constexpr std::string_view k_mapped{"\0\0\0\0\0\0\0\0\0\0\xFF\xFF", 12};
  if (bytes.size() == 16 && bytes.starts_with(k_mapped)) bytes.remove_prefix(k_mapped.size());
  if (bytes.size() != 4 && bytes.size() != 16) return std::nullopt;
  IpAddress address{.family = bytes.size() == 4 ? Family::v4 : Family::v6};
  std::ranges::transform(bytes, address.bytes.begin(),
                         [](char c) { return static_cast<std::uint8_t>(c); });
  return address;
}

std::optional<IpAddress> parse_ip(std::string_view text) {
  const auto percent = text.find('%');
  const std::string plain(text.substr(0, percent));
  IpAddress address;
  if (percent == std::string_view::npos &&
      ::inet_pton(AF_INET, plain.c_str(), address.bytes.data()) == 1) {
    return address;
  }
  address = {.family = Family::v6};
  if (::inet_pton(AF_INET6, plain.c_str(), address.bytes.data()) != 1) return std::nullopt;
  if (percent == std::string_view::npos) return address;
  address.scope = scope_of(text.substr(percent + 1));
  if (address.scope == 0) return std::nullopt;
  return address;
}

bool is_on_this_machine(std::string_view endpoint) {
  const auto scheme = endpoint.find("://");
  if (scheme == std::string_view::npos) return false;
  auto host = endpoint.substr(scheme + 3);
  host = host.substr(0, host.find_first_of("/?#"));
  if (const auto user = host.rfind('@'); user != std::string_view::npos)
    host.remove_prefix(user + 1);
  if (host.starts_with('[')) {
    host = host.substr(1, host.find(']') - 1);
  } else {
    host = host.substr(0, host.find(':'));
  }
  constexpr std::string_view k_localhost = "localhost";
  if (host.ends_with('.')) host.remove_suffix(1);
  if (host.size() >= k_localhost.size()) {
    const auto above = host.size() - k_localhost.size();
    const bool is_label = above == 0 || host[above - 1] == '.';
    if (is_label && equals_ignoring_case(host.substr(above), k_localhost)) return true;
  }
  const auto address = parse_ip(host);
  return address && address->realm() == Realm::loopback;
}

}  // namespace core::net
