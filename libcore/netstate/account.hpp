// SPDX-License-Identifier: MIT
#pragma once

// What was spent on each network, what is reserved, and how fast: the arithmetic of budgets (pure).
// budget.hpp keeps an account in a file; offkit-network(5) describes it.
//
// Bytes are kept by day of local time and by purpose; a month is a sum of days. So a clock that is
// set back, or another budget.cycle_day, loses no byte: what seems to be spent tomorrow was spent
// today.

#include <array>
#include <chrono>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "libcore/base/enum_names.hpp"
#include "libcore/base/result.hpp"
#include "libcore/base/time.hpp"
#include "libcore/base/units.hpp"
#include "libcore/config/config.hpp"
#include "libcore/sys/calendar.hpp"

namespace core::netstate {

using sys::Day;

// What bytes were spent on.
enum class Purpose { delivery, probe, command, other };
// critical: may use budget.reserve.
enum class Priority { normal, critical };
enum class Limit { daily, monthly };

struct Spent {
  std::array<std::uint64_t, 4> bytes{};  // by Purpose

  [[nodiscard]] std::uint64_t of(Purpose purpose) const {
    return bytes[static_cast<std::size_t>(purpose)];
  }
  [[nodiscard]] std::uint64_t total() const;
  void add(Purpose purpose, std::uint64_t more);
  void add(const Spent& other);
  bool operator==(const Spent&) const = default;
};

// Bytes that somebody will spend.
struct Reservation {
  std::string id;  // ULID
  std::string network;
  std::uint64_t bytes = 0;
  Priority priority = Priority::normal;
  Time since;
  Time until;  // then it no longer counts; it can be committed for a day more

  [[nodiscard]] bool holds(Time now) const { return now < until; }
  bool operator==(const Reservation&) const = default;
};

// When what was sent so far will have been paid for at budget.rate.
struct Pace {
  std::string boot;  // `free_at` is time since that boot
  Duration free_at{};
  bool operator==(const Pace&) const = default;
};

struct Account {
  std::map<std::string, std::map<Day, Spent>> networks;
  std::vector<Reservation> reservations;
  Pace pace;

  bool operator==(const Account&) const = default;
};

// A limit as it stands: what of it is gone, and when it begins anew.
struct Window {
  Limit limit = Limit::daily;
  std::uint64_t size = 0;      // of the limit
  std::uint64_t kept = 0;      // of it, for what is critical
  std::uint64_t spent = 0;     //
  std::uint64_t reserved = 0;  // by reservations that hold
  Day begin;
  Day end;  // the first day that no longer belongs to it

  [[nodiscard]] std::uint64_t left(Priority priority) const;
  // What could be spent if nothing had been.
  [[nodiscard]] std::uint64_t most(Priority priority) const;
};

// The first day of the month of a budget that `today` is in; budget.cycle_day 31 is the last day of
// a shorter month.
Day month_begin(Day today, int cycle_day);
Day next_month_begin(Day today, int cycle_day);

// Spent from `begin` on.
Spent spent_since(const Account& account, const std::string& network, Day begin);

// The limits that are configured: none, one or both.
std::vector<Window> windows(const Account& account, const std::string& network,
                            const config::BudgetConfig& limits, Day today, Time now);

// What may be sent?
enum class Answer {
  yes,
  summary,  // not all of it, but what was offered in its place
  later,    // when a limit begins anew
  never,    // it is more than a limit
};
struct Permission {
  Answer answer = Answer::yes;
  std::optional<Window> window;  // the narrowest, or the one in the way; absent: there is no limit
};
Permission permission(const std::vector<Window>& windows, ByteCount size, Priority priority,
                      std::optional<ByteCount> summary);

// Days after today become today; days, reservations and networks of long ago are forgotten. To be
// done before anything else.
void settle(Account& account, Day today, Time now);

// How long to wait until `size` may be sent at `rate` bytes a second; takes its turn. A second's
// worth may be sent at once. A turn that would wait longer than `longest` is not taken: nullopt.
std::optional<Duration> take_turn(Pace& pace, ByteCount size, ByteCount rate,
                                  const std::string& boot, Duration since_boot,
                                  std::optional<Duration> longest);

// netwatch/budget.json: one JSON object on one line.
std::string format_account(const Account& account);
// Errors: corrupt; config for the format of a later version.
Result<Account> parse_account(std::string_view text);

}  // namespace core::netstate

template <>
inline constexpr std::array<std::string_view, 4> core::enum_names<core::netstate::Purpose>{
    "delivery", "probe", "command", "other"};
template <>
inline constexpr std::array<std::string_view, 2> core::enum_names<core::netstate::Priority>{
    "normal", "critical"};
template <>
inline constexpr std::array<std::string_view, 2> core::enum_names<core::netstate::Limit>{"daily",
                                                                                         "monthly"};
template <>
inline constexpr std::array<std::string_view, 4> core::enum_names<core::netstate::Answer>{
    "yes", "summary", "later", "no"};
