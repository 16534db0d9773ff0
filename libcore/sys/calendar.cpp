// SPDX-License-Identifier: MIT
#include "libcore/sys/calendar.hpp"

#include <ctime>

namespace core::sys {
namespace {

constexpr int k_year_of_tm = 1900;

Day day_of_fields(const std::tm& fields) {
  using namespace std::chrono;
  return Day{year{fields.tm_year + k_year_of_tm} /
             month{static_cast<unsigned>(fields.tm_mon) + 1U} /
             day{static_cast<unsigned>(fields.tm_mday)}};
}

}  // namespace

Day LocalCalendar::day_of(Time time) const {
  const std::time_t seconds =
      std::chrono::floor<std::chrono::seconds>(time).time_since_epoch().count();
  ::tzset();  // localtime_r(3) need not look at TZ by itself
  std::tm fields{};
  if (::localtime_r(&seconds, &fields) == nullptr) {
    return Day{std::chrono::floor<std::chrono::days>(time).time_since_epoch()};
  }
  return day_of_fields(fields);
}

Time LocalCalendar::begin_of(Day day) const {
  const std::chrono::year_month_day date{day};
  std::tm fields{};
  fields.tm_year = static_cast<int>(date.year()) - k_year_of_tm;
  fields.tm_mon = static_cast<int>(static_cast<unsigned>(date.month())) - 1;
  fields.tm_mday = static_cast<int>(static_cast<unsigned>(date.day()));
  fields.tm_isdst = -1;
  Time begin{std::chrono::seconds{std::mktime(&fields)}};
  // Where clocks go forward at midnight there is no 00:00, and mktime(3) may answer with 23:00.
  while (day_of(begin) < day)
    begin += std::chrono::minutes{30};
  return begin;
}

}  // namespace core::sys
