// SPDX-License-Identifier: MIT
#include "libcore/delivery/next_wake.hpp"

#include <chrono>

#include <doctest/doctest.h>

using core::delivery::Ahead;
using core::delivery::Hold;
using core::delivery::next_wake;
using namespace std::chrono_literals;

namespace {

const core::Time k_now = core::parse_time("2026-11-21T02:25:00Z").value();

Hold hold_until(core::Time until) {
  Hold hold;
  hold.until = until;
  return hold;
}

}  // namespace

TEST_CASE("with nothing ahead, who stays sleeps for the whole interval") {
  CHECK(next_wake({.due = {}, .expiry = {}, .holds = {}}, k_now, 60s) == k_now + 60s);
  // Only a person can end these.
  CHECK(next_wake({.due = {}, .expiry = {}, .holds = {hold_until(core::Time{})}}, k_now, 60s) ==
        k_now + 60s);
}

TEST_CASE("the first thing ahead ends the sleep") {
  CHECK(next_wake({.due = k_now + 7s, .expiry = k_now + 9s, .holds = {}}, k_now, 60s) ==
        k_now + 7s);
  CHECK(next_wake({.due = {}, .expiry = k_now + 9s, .holds = {hold_until(k_now + 8s)}}, k_now,
                  60s) == k_now + 8s);
  CHECK(next_wake({.due = k_now + 2h, .expiry = {}, .holds = {hold_until(k_now + 1h)}}, k_now,
                  60s) == k_now + 60s);
}

TEST_CASE("a destination that asks to be tried at once does not keep anybody busy") {
  const Ahead ahead{.due = {}, .expiry = {}, .holds = {hold_until(k_now), hold_until(k_now - 1h)}};
  CHECK(next_wake(ahead, k_now, 60s) == k_now + 500ms);
}
