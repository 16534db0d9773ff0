// SPDX-License-Identifier: MIT
#include "libcore/netstate/account.hpp"

#include <algorithm>
#include <limits>
#include <utility>

namespace core::netstate {
namespace {

using std::chrono::days;
using std::chrono::months;

// More than any month of a budget, so that another cycle_day finds all days that it counts.
constexpr days k_days_kept{62};
constexpr Duration k_reservation_kept = days{1};
constexpr Duration k_burst = std::chrono::seconds{1};
constexpr Duration k_longest_wait = days{36'500};

// Stays at the largest number: a count that wraps would forgive everything.
std::uint64_t sum(std::uint64_t a, std::uint64_t b) {
  return a > std::numeric_limits<std::uint64_t>::max() - b
             ? std::numeric_limits<std::uint64_t>::max()
             : a + b;
}
std::uint64_t difference(std::uint64_t a, std::uint64_t b) {
  return a < b ? 0 : a - b;
}

Day in_month(std::chrono::year_month month, int cycle_day) {
  const std::chrono::year_month_day last{month / std::chrono::last};
  const std::chrono::year_month_day wished{month /
                                           std::chrono::day{static_cast<unsigned>(cycle_day)}};
  return Day{std::min(wished, last)};
}

std::chrono::year_month month_of(Day day) {
  const std::chrono::year_month_day date{day};
  return date.year() / date.month();
}

// How long `bytes` take.
Duration price(ByteCount bytes, ByteCount rate) {
  const auto seconds = static_cast<double>(bytes.value) /
                       static_cast<double>(std::max<std::uint64_t>(rate.value, 1));
  const std::chrono::duration<double> span{seconds};
  return span > k_longest_wait ? k_longest_wait : std::chrono::duration_cast<Duration>(span);
}

}  // namespace

std::uint64_t Spent::total() const {
  std::uint64_t total = 0;
  for (const auto part : bytes)
    total = sum(total, part);
  return total;
}

void Spent::add(Purpose purpose, std::uint64_t more) {
  auto& part = bytes[static_cast<std::size_t>(purpose)];
  part = sum(part, more);
}

void Spent::add(const Spent& other) {
  for (std::size_t i = 0; i < bytes.size(); ++i)
    bytes[i] = sum(bytes[i], other.bytes[i]);
}

std::uint64_t Window::left(Priority priority) const {
  return difference(most(priority), sum(spent, reserved));
}

std::uint64_t Window::most(Priority priority) const {
  return priority == Priority::critical ? size : difference(size, kept);
}

Day month_begin(Day today, int cycle_day) {
  const auto month = month_of(today);
  const Day begin = in_month(month, cycle_day);
  return begin <= today ? begin : in_month(month - months{1}, cycle_day);
}

Day next_month_begin(Day today, int cycle_day) {
  return in_month(month_of(month_begin(today, cycle_day)) + months{1}, cycle_day);
}

Spent spent_since(const Account& account, const std::string& network, Day begin) {
  Spent spent;
  const auto found = account.networks.find(network);
  if (found == account.networks.end()) return spent;
  for (auto day = found->second.lower_bound(begin); day != found->second.end(); ++day)
    spent.add(day->second);
  return spent;
}

std::vector<Window> windows(const Account& account, const std::string& network,
                            const config::BudgetConfig& limits, Day today, Time now) {
  std::uint64_t reserved = 0;
  for (const auto& reservation : account.reservations) {
    if (reservation.network != network || !reservation.holds(now)) continue;
    reserved = sum(reserved, reservation.bytes);
  }
  std::vector<Window> windows;
  const auto add = [&](Limit limit, std::optional<ByteCount> size, Day begin, Day end) {
    if (!size) return;
    windows.push_back({.limit = limit,
                       .size = size->value,
                       .kept = std::min(limits.reserve.value, size->value),
                       .spent = spent_since(account, network, begin).total(),
                       .reserved = reserved,
                       .begin = begin,
                       .end = end});
  };
  add(Limit::daily, limits.daily, today, today + days{1});
  add(Limit::monthly, limits.monthly, month_begin(today, limits.cycle_day),
      next_month_begin(today, limits.cycle_day));
  return windows;
}

Permission permission(const std::vector<Window>& windows, ByteCount size, Priority priority,
                      std::optional<ByteCount> summary) {
  Permission permission;
  if (windows.empty()) return permission;
  const auto narrowest = std::ranges::min_element(
      windows, {}, [&](const Window& window) { return window.left(priority); });
  permission.window = *narrowest;
  const auto left = narrowest->left(priority);
  if (size.value <= left) return permission;
  // One that is too small in any case says more than one that is empty today.
  const auto smallest = std::ranges::min_element(
      windows, {}, [&](const Window& window) { return window.most(priority); });
  const auto least = summary ? std::min(*summary, size) : size;
  if (summary && summary->value <= left) {
    permission.answer = Answer::summary;
  } else if (least.value > smallest->most(priority)) {
    permission = {.answer = Answer::never, .window = *smallest};
  } else {
    permission.answer = Answer::later;
    // The one that is in the way for longest.
    for (const auto& window : windows) {
      if (least.value > window.left(priority) && window.end > permission.window->end) {
        permission.window = window;
      }
    }
  }
  return permission;
}

void settle(Account& account, Day today, Time now) {
  for (auto& [name, network] : account.networks) {
    Spent ahead;
    const auto first = network.upper_bound(today);
    for (auto day = first; day != network.end(); ++day)
      ahead.add(day->second);
    network.erase(first, network.end());
    if (ahead.total() > 0) network[today].add(ahead);
    network.erase(network.begin(), network.lower_bound(today - k_days_kept));
  }
  std::erase_if(account.networks, [](const auto& network) { return network.second.empty(); });
  std::erase_if(account.reservations, [&](const Reservation& reservation) {
    // Made in the future: the clock was set back, and nobody knows how long it would hold.
    return now >= reservation.until + k_reservation_kept || now < reservation.since;
  });
}

std::optional<Duration> take_turn(Pace& pace, ByteCount size, ByteCount rate,
                                  const std::string& boot, Duration since_boot,
                                  std::optional<Duration> longest) {
  const bool is_known = pace.boot == boot;
  const Duration free_at = is_known ? std::max(pace.free_at, since_boot) : since_boot;
  const Duration wait = std::max(free_at - k_burst - since_boot, Duration{0});
  if (longest && wait > *longest) return std::nullopt;
  pace = {.boot = boot,
          .free_at = std::min(free_at + price(size, rate), since_boot + k_longest_wait)};
  return wait;
}

}  // namespace core::netstate
