// SPDX-License-Identifier: MIT
#include "libcore/net/wireless.hpp"

#include <doctest/doctest.h>

TEST_CASE("what is not wireless is in no wireless network") {
  CHECK(core::net::ssid_of("lo") == std::nullopt);
  CHECK(core::net::ssid_of("") == std::nullopt);
  CHECK(core::net::ssid_of("no-such-interface-has-this-name") == std::nullopt);
}
