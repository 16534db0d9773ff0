// SPDX-License-Identifier: MIT
#include "libcore/sys/calendar.hpp"

#include <doctest/doctest.h>

using namespace std::chrono_literals;

TEST_CASE("a day of local time begins in it, and not a moment before") {
  const core::sys::LocalCalendar calendar;
  auto day = calendar.day_of(core::parse_time("2026-01-01T12:00:00Z").value());
  for (int i = 0; i < 800; ++i, day += std::chrono::days{1}) {
    const auto begin = calendar.begin_of(day);
    CHECK(calendar.day_of(begin) == day);
    CHECK(calendar.day_of(begin - 1us) == day - std::chrono::days{1});
  }
}
