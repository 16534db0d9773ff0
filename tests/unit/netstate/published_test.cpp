// SPDX-License-Identifier: MIT
#include "libcore/netstate/published.hpp"

#include <doctest/doctest.h>

namespace netstate = core::netstate;

namespace {

constexpr const char* k_line =
    "connected online 42 1767323045 1767323165 wlan0 metered=no reason=ok by=daemon v=1\n";

}  // namespace

TEST_CASE("a published line is read as it was written") {
  const auto published = netstate::parse_published(k_line);

  REQUIRE(published.has_value());
  CHECK(published->state == netstate::State::connected);
  CHECK(published->mode == netstate::Mode::online);
  CHECK(published->generation == 42);
  CHECK(published->interface == "wlan0");
  CHECK(published->metered == netstate::Metered::no);
  CHECK(published->reason == netstate::Reason::ok);
  CHECK(published->by == netstate::Author::daemon);
  CHECK(netstate::format_published(*published) == k_line);
}

TEST_CASE("a line of the longest words stays within 200 bytes") {
  const netstate::Published longest{
      .state = netstate::State::disconnected,
      .mode = netstate::Mode::offline,
      .generation = ~0ULL,
      .since = core::Time(std::chrono::seconds(253'402'300'799)),
      .valid_until = core::Time(std::chrono::seconds(253'402'300'799)),
      .interface = std::string(15, 'w'),
      .metered = netstate::Metered::guess_yes,
      .reason = netstate::Reason::no_api_configured,
      .by = netstate::Author::daemon,
      .mode_by_itself = netstate::Mode::offline,
      .mode_until = core::Time(std::chrono::seconds(253'402'300'799))};
  CHECK(netstate::format_published(longest).size() <= 200);
}

TEST_CASE("a mode that was set is told with its end and what follows it") {
  const std::string line =
      "connected offline 1 0 10 - metered=no reason=ok by=check v=1 auto=online until=5\n";
  const auto published = netstate::parse_published(line);
  REQUIRE(published.has_value());
  CHECK(published->mode == netstate::Mode::offline);
  CHECK(published->mode_by_itself == netstate::Mode::online);
  CHECK(published->mode_until == core::Time(std::chrono::seconds(5)));
  CHECK(netstate::format_published(*published) == line);
}

TEST_CASE("words that a later version has added do not matter") {
  const auto published = netstate::parse_published(
      "unknown offline 1 0 10 - metered=unknown reason=ok by=check v=2 colour=red blue\n");
  REQUIRE(published.has_value());
  CHECK_FALSE(published->state.has_value());
  CHECK(published->interface.empty());
}

TEST_CASE("what is not a published line is refused") {
  for (const auto* line :
       {"", "\n", "connected", "connected online 1 2 3 eth0", "up online 1 2 3 eth0\n",
        "connected maybe 1 2 3 eth0\n", "connected online x 2 3 eth0\n",
        "connected online 1 -2 3 eth0\n", "connected online 1 2 99999999999999 eth0\n",
        "connected online 1 2 3 eth0 metered=perhaps\n", "connected online 1 2 3 eth0 by=me\n"}) {
    CAPTURE(line);
    const auto published = netstate::parse_published(line);
    REQUIRE_FALSE(published.has_value());
    CHECK(published.error().code == core::Errc::corrupt);
  }
}
