// SPDX-License-Identifier: MIT
#include "libcore/net/ip_address.hpp"

#include <string>
#include <utility>
#include <vector>

#include <doctest/doctest.h>

using core::net::parse_ip;
using core::net::Realm;

TEST_CASE("an address says where it can lead to") {
  const std::vector<std::pair<std::string, Realm>> rows{
      {"0.0.0.0", Realm::nowhere},
      {"127.0.0.53", Realm::loopback},
      {"169.254.1.1", Realm::link_local},
      {"10.0.0.1", Realm::local},
      {"172.15.255.255", Realm::global},
      {"172.16.0.1", Realm::local},
      {"172.31.255.255", Realm::local},
      {"172.32.0.1", Realm::global},
      {"192.168.7.7", Realm::local},
      {"192.169.0.1", Realm::global},
      {"100.63.0.1", Realm::global},
      {"100.64.0.1", Realm::local},
      {"100.128.0.1", Realm::global},
      {"224.0.0.251", Realm::nowhere},
      {"255.255.255.255", Realm::nowhere},
      {"198.51.100.1", Realm::global},
      {"::", Realm::nowhere},
      {"::1", Realm::loopback},
      {"::2", Realm::global},
      {"fe80::1", Realm::link_local},
      {"febf::1", Realm::link_local},
      {"fec0::1", Realm::global},
      {"fd12::1", Realm::local},
      {"ff02::1", Realm::nowhere},
      {"64:ff9b::1.2.3.4", Realm::global},
      {"2001:db8::1", Realm::global},
  };
  for (const auto& [text, realm] : rows) {
    const auto address = parse_ip(text);
    REQUIRE_MESSAGE(address.has_value(), text);
    CHECK_MESSAGE(address->realm() == realm, text);
  }
}

TEST_CASE("what is no address is none") {
  for (const std::string text :
       {"", "localhost", "1.2.3", "1.2.3.4%lo", "::1%", "::1%nothing0", "1.2.3.4 ", "[::1]", "::g"})
    CHECK_MESSAGE(!parse_ip(text), text);
  CHECK_FALSE(core::net::ip_from_bytes("12345"));
  CHECK(parse_ip("fe80::1%lo")->scope == 1);
}

TEST_CASE("IPv4 in IPv6 is IPv4") {
  const auto address =
      core::net::ip_from_bytes({"\0\0\0\0\0\0\0\0\0\0\xFF\xFF\x01\x02\x03\x04", 16});
  REQUIRE(address.has_value());
  CHECK(address->text() == "1.2.3.4");
}

TEST_CASE("addresses are near each other as far as their first bits agree") {
  const auto near = [](const char* a, const char* b, int bits) {
    return parse_ip(a)->is_near(*parse_ip(b), bits);
  };
  CHECK(near("10.9.0.1", "10.9.0.200", 24));
  CHECK(near("10.9.0.1", "10.9.0.2", 30));
  CHECK_FALSE(near("10.9.0.1", "10.9.0.4", 30));
  CHECK_FALSE(near("10.9.0.1", "10.9.0.2", 32));
  CHECK(near("2001:db8:0:1::1", "2001:db8:0:1:ffff::", 64));
  CHECK_FALSE(near("2001:db8:0:1::1", "2001:db8:0:2::1", 63));
  CHECK_FALSE(near("10.9.0.1", "::1", 0));
}
