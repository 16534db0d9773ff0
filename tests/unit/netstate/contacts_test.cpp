// SPDX-License-Identifier: MIT
#include "libcore/netstate/contacts.hpp"

#include <doctest/doctest.h>

namespace netstate = core::netstate;
using namespace std::chrono_literals;

TEST_CASE("who is not named is not contacted") {
  const auto contacts = netstate::contacts_of({});
  CHECK(contacts.who.empty());
  CHECK(contacts.bytes == 0);
  CHECK(contacts.bytes_metered == 0);
}

TEST_CASE("what is on this machine is not outside, and costs nothing") {
  core::config::NetworkConfig network;
  network.basic = {"tcp://127.0.0.1:443", "tcp://[::1]:443", "http://localhost:80/up",
                   "dns://127.0.0.53"};
  network.check = {"https://api.localhost/", "http://LOCALHOST./"};
  CHECK(netstate::contacts_of(network).who.empty());
  CHECK(netstate::contacts_of(network).bytes_metered == 0);
  network.check.emplace_back("https://localhost.example.com/");
  CHECK(netstate::contacts_of(network).who.size() == 1);
}

TEST_CASE("basic endpoints take turns, and each URL is asked each time") {
  core::config::NetworkConfig network;
  network.basic = {"tcp://192.0.2.1:443", "dns://192.0.2.53"};
  network.check = {"https://api.example.com/health"};
  const auto contacts = netstate::contacts_of(network);
  const std::uint64_t looks = 30UL * 24 * 60;

  REQUIRE(contacts.who.size() == 3);
  CHECK(contacts.who[0].bytes == looks / 2 * netstate::price_of("tcp://192.0.2.1:443"));
  CHECK(contacts.who[1].bytes == looks / 2 * netstate::price_of("dns://192.0.2.53"));
  CHECK(contacts.who[2].bytes == looks * netstate::price_of("https://api.example.com/health"));
  CHECK(contacts.bytes == contacts.who[0].bytes + contacts.who[1].bytes + contacts.who[2].bytes);
  // 27 kB a day.
  CHECK(contacts.bytes_metered == 96UL * 30 * 280);
}
