// SPDX-License-Identifier: MIT
#pragma once

// Points in time (UTC, microseconds) and spans, and their text: RFC 3339 for points
// ("2026-11-21T02:25:00.123456Z"), "500ms 30s 5m 2h 7d" for spans.

#include <chrono>
#include <string>
#include <string_view>

#include "libcore/base/result.hpp"

namespace core {

using Duration = std::chrono::microseconds;
using Time = std::chrono::sys_time<Duration>;

// Whether format_time's text can be read again: RFC 3339 knows the years 0000 to 9999 only.
[[nodiscard]] bool has_four_digit_year(Time time);

// RFC 3339 with any offset; digits beyond the microsecond are dropped. What comes out has a year
// of four digits. Errors: usage.
Result<Time> parse_time(std::string_view text);

// Always UTC with six decimals, so that text order is time order.
std::string format_time(Time time);
// The same cut to the second, for people: 2026-11-21T02:25:00Z.
std::string format_second(Time time);
// "2026-11-21": names the day's receipts file.
std::string format_day(Time time);

// One number and one unit of ms, s, m, h, d, w ("90s", "1.5h"); "0" alone is zero. Errors: usage.
Result<Duration> parse_duration(std::string_view text);

// The largest unit of which there is one; rounded, with one decimal below ten where it is not 0:
// "450ms", "12s", "1.5m", "5h", "2d".
std::string format_duration(Duration duration);

// What a user may type where a time is wanted: RFC 3339, or a span from now as "+30m" or "7d".
// What comes out has a year of four digits. Errors: usage.
Result<Time> parse_when(std::string_view text, Time now);

}  // namespace core
