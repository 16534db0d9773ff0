// SPDX-License-Identifier: MIT
#include "libcore/base/time.hpp"

#include <array>
#include <cmath>
#include <cstdint>
#include <cstdlib>
#include <limits>
#include <utility>

#include <fmt/core.h>

#include "libcore/base/text.hpp"

namespace core {
namespace {

using std::chrono::days;
using std::chrono::hours;
using std::chrono::microseconds;
using std::chrono::milliseconds;
using std::chrono::minutes;
using std::chrono::seconds;
using std::chrono::weeks;

// Reads fixed-width fields from the front of a text; any misfit makes it not ok for good.
class FieldReader {
 public:
  explicit FieldReader(std::string_view text) : rest_(text) {}

  int number(std::size_t width) {
    const auto value = parse_unsigned(rest_.substr(0, width));
    if (rest_.size() < width || !value) {
      ok_ = false;
      return 0;
    }
    rest_.remove_prefix(width);
    return static_cast<int>(*value);
  }
  void expect(std::string_view choices) {
    if (rest_.empty() || choices.find(rest_.front()) == std::string_view::npos) {
      ok_ = false;
    } else {
      rest_.remove_prefix(1);
    }
  }
  // ".123456789" -> microseconds; nothing there is zero.
  microseconds fraction() {
    if (rest_.empty() || rest_.front() != '.') return microseconds{0};
    rest_.remove_prefix(1);
    std::int64_t value = 0;
    std::int64_t unit = 1'000'000;
    std::size_t digits = 0;
    while (digits < rest_.size() && rest_[digits] >= '0' && rest_[digits] <= '9') {
      if (unit > 1) {
        unit /= 10;
        value += unit * (rest_[digits] - '0');
      }
      ++digits;
    }
    ok_ = ok_ && digits > 0;
    rest_.remove_prefix(digits);
    return microseconds{value};
  }
  minutes offset() {
    if (rest_ == "Z" || rest_ == "z") {
      rest_ = {};
      return minutes{0};
    }
    const bool negative = rest_.starts_with('-');
    expect("+-");
    const hours h{number(2)};
    expect(":");
    const minutes m{number(2)};
    ok_ = ok_ && h < hours{24} && m < minutes{60};
    return negative ? -(h + m) : h + m;
  }
  [[nodiscard]] bool complete() const { return ok_ && rest_.empty(); }

 private:
  std::string_view rest_;
  bool ok_ = true;
};

constexpr std::array<std::pair<std::string_view, microseconds>, 6> k_units{{
    {"ms", milliseconds{1}},
    {"s", seconds{1}},
    {"m", minutes{1}},
    {"h", hours{1}},
    {"d", days{1}},
    {"w", weeks{1}},
}};

Result<Time> within_calendar(Time time, std::string_view text) {
  if (has_four_digit_year(time)) return time;
  return fail(Errc::usage, fmt::format("not a time: '{}': its year is not one of 0000 to 9999",
                                       printable(text, 60)));
}

// At least `width` digits. Every receipt has a time; fmt's format took 4,000 instructions for it.
void append_digits(std::string& text, std::int64_t number, std::size_t width) {
  const std::string digits = std::to_string(number);
  if (digits.size() < width) text.append(width - digits.size(), '0');
  text += digits;
}

}  // namespace

bool has_four_digit_year(Time time) {
  constexpr std::chrono::sys_days k_first{std::chrono::year{0} / 1 / 1};
  constexpr std::chrono::sys_days k_end{std::chrono::year{10'000} / 1 / 1};
  return time >= k_first && time < k_end;
}

Result<Time> parse_time(std::string_view text) {
  FieldReader reader(text);
  const std::chrono::year year{reader.number(4)};
  reader.expect("-");
  const std::chrono::month month{static_cast<unsigned>(reader.number(2))};
  reader.expect("-");
  const std::chrono::day day{static_cast<unsigned>(reader.number(2))};
  reader.expect("Tt ");
  const hours h{reader.number(2)};
  reader.expect(":");
  const minutes m{reader.number(2)};
  reader.expect(":");
  const seconds s{reader.number(2)};
  const auto fraction = reader.fraction();
  const auto offset = reader.offset();
  const auto date = year / month / day;
  // 60 is a leap second: RFC 3339 5.6 allows it.
  if (!reader.complete() || !date.ok() || h > hours{23} || m > minutes{59} || s > seconds{60}) {
    return fail(Errc::usage, fmt::format("not a time: '{}': write it as 2026-11-21T02:25:00Z",
                                         printable(text, 60)));
  }
  // An offset, like a leap second, may carry it over the edge.
  return within_calendar(Time{std::chrono::sys_days{date}} + h + m + s + fraction - offset, text);
}

std::string format_day(Time time) {
  const std::chrono::year_month_day date{std::chrono::floor<days>(time)};
  std::string text;
  append_digits(text, static_cast<int>(date.year()), 4);
  text += '-';
  append_digits(text, static_cast<unsigned>(date.month()), 2);
  text += '-';
  append_digits(text, static_cast<unsigned>(date.day()), 2);
  return text;
}

namespace {

// Day and time of day, without an end; returns what is left of the second.
Duration append_to_second(std::string& text, Time time) {
  const auto day = std::chrono::floor<days>(time);
  const std::chrono::hh_mm_ss clock{time - day};
  text += format_day(day);
  text += 'T';
  append_digits(text, clock.hours().count(), 2);
  text += ':';
  append_digits(text, clock.minutes().count(), 2);
  text += ':';
  append_digits(text, clock.seconds().count(), 2);
  return clock.subseconds();
}

}  // namespace

std::string format_time(Time time) {
  std::string text;
  const auto rest = append_to_second(text, time);
  text += '.';
  append_digits(text, rest.count(), 6);
  text += 'Z';
  return text;
}

std::string format_second(Time time) {
  std::string text;
  append_to_second(text, time);
  text += 'Z';
  return text;
}

Result<Duration> parse_duration(std::string_view text) {
  if (text == "0") return Duration{0};
  const std::string number(text.substr(0, text.find_first_not_of("0123456789.")));
  const auto unit_text = text.substr(number.size());
  char* end = nullptr;
  const double value = std::strtod(number.c_str(), &end);
  for (const auto& [name, unit] : k_units) {
    if (number.empty() || *end != '\0' || unit_text != name) continue;
    const double total = value * static_cast<double>(unit.count());
    if (total < static_cast<double>(std::numeric_limits<std::int64_t>::max()) / 4) {
      return Duration{std::llround(total)};
    }
  }
  return fail(Errc::usage, fmt::format("not a duration: '{}': write it as 500ms, 30s, 5m, 2h or 7d",
                                       printable(text, 60)));
}

namespace {

std::int64_t rounded(Duration duration, Duration unit) {
  return duration / unit + (duration % unit * 2 < unit ? 0 : 1);
}

}  // namespace

std::string format_duration(Duration duration) {
  if (duration < Duration{0}) return "-" + format_duration(-duration);
  for (std::size_t i = 0;; ++i) {
    const auto& [name, unit] = k_units[i];
    // A whole number from ten on, else one decimal; of milliseconds none.
    const bool has_decimal = i > 0 && duration < 10 * unit;
    const auto tenths = has_decimal ? rounded(duration * 10, unit) : rounded(duration, unit) * 10;
    const bool is_last = i + 2 == k_units.size();  // weeks are only read, never written
    // What rounding has made a whole next unit is said in that.
    if (!is_last && tenths / 10 >= k_units[i + 1].second / unit) continue;
    return tenths % 10 != 0 ? fmt::format("{}.{}{}", tenths / 10, tenths % 10, name)
                            : fmt::format("{}{}", tenths / 10, name);
  }
}

Result<Time> parse_when(std::string_view text, Time now) {
  const auto span = text.starts_with('+') ? text.substr(1) : text;
  if (span.size() <= 12 && span.find(':') == std::string_view::npos) {
    TRY_ASSIGN(const Duration from_now, parse_duration(span));
    return within_calendar(now + from_now, text);
  }
  return parse_time(text);
}

}  // namespace core
