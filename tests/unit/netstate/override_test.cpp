// SPDX-License-Identifier: MIT
#include "libcore/netstate/override.hpp"

#include <doctest/doctest.h>

namespace netstate = core::netstate;

namespace {

const core::Time k_noon = core::parse_time("2026-11-21T12:00:00Z").value();

}  // namespace

TEST_CASE("a mode that was set is read as it was written") {
  const netstate::Override set{.mode = netstate::Mode::online,
                               .since = k_noon,
                               .until = k_noon + std::chrono::hours{2},
                               .by = "anna",
                               .reason = "say \"plane\"",
                               .boot = "b-1"};
  CHECK(netstate::parse_override(netstate::format_override(set), {}).value() == set);

  const netstate::Override bare{
      .since = k_noon, .until = {}, .by = "anna", .reason = {}, .boot = {}};
  CHECK(netstate::parse_override(netstate::format_override(bare), {}).value() == bare);
}

TEST_CASE("of a mode that a person has written, the mode is enough") {
  const auto set = netstate::parse_override(R"({"mode":"offline"})", k_noon).value();
  CHECK(set.mode == netstate::Mode::offline);
  CHECK(set.since == k_noon);
  CHECK_FALSE(set.until.has_value());
  CHECK(set.by == "unknown");
}

TEST_CASE("a mode holds until its time, and in its boot") {
  netstate::Override set{.since = k_noon, .until = {}, .by = "anna", .reason = {}, .boot = {}};
  CHECK(set.holds(k_noon + std::chrono::years{1}, "any"));

  set.until = k_noon + std::chrono::hours{1};
  CHECK(set.holds(k_noon, "any"));
  CHECK_FALSE(set.holds(*set.until, "any"));

  set.boot = "b-1";
  CHECK(set.holds(k_noon, "b-1"));
  CHECK_FALSE(set.holds(k_noon, "b-2"));
}

TEST_CASE("what is not a mode is refused") {
  for (const auto* text : {"", "offline", "{}", R"({"mode":"auto","since":"2026-11-21T12:00:00Z"})",
                           R"({"mode":"offline","since":"noon"})",
                           R"({"mode":"offline","since":"2026-11-21T12:00:00Z","until":"soon"})"}) {
    CAPTURE(text);
    const auto override_ = netstate::parse_override(text, k_noon);
    REQUIRE_FALSE(override_.has_value());
    CHECK(override_.error().code == core::Errc::corrupt);
  }
}
