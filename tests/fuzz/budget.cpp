// SPDX-License-Identifier: MIT
// netwatch/budget.json: a power cut may tear it, and a person may edit it. Whatever it says,
// nothing that was counted may get less by reading, settling or writing it.

#include <string>

#include "libcore/netstate/account.hpp"
#include "tests/fuzz/property.hpp"

using fuzz::must_hold;

namespace netstate = core::netstate;

namespace {

// An input is short: without large parts, no sum comes near the largest number, where counts stay.
bool has_large_parts(const netstate::Account& account) {
  for (const auto& [name, days] : account.networks) {
    for (const auto& [day, spent] : days) {
      if (spent.total() > (1ULL << 48U)) return true;
    }
  }
  return false;
}

std::uint64_t total_of(const netstate::Account& account) {
  std::uint64_t total = 0;
  for (const auto& [name, days] : account.networks) {
    for (const auto& [day, spent] : days)
      total += spent.total();
  }
  return total;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const auto text = fuzz::text_of(data, size);
  auto account = netstate::parse_account(text);
  if (!account) return 0;
  const auto line = netstate::format_account(*account);
  must_hold(line.find('\n') == line.size() - 1, "an account is one line", line);
  const auto again = netstate::parse_account(line);
  must_hold(again.has_value(), "an account that is written can be read", line);
  must_hold(netstate::format_account(*again) == line, "an account says the same again", line);

  const auto now = core::parse_time("2026-11-21T12:00:00Z").value();
  const netstate::Day today{std::chrono::floor<std::chrono::days>(now.time_since_epoch())};
  auto settled = *again;
  // All are kept that are not of long ago, whatever days they claim to be of.
  for (auto& [name, days] : settled.networks)
    days.erase(days.begin(), days.lower_bound(today - std::chrono::days{62}));
  const bool is_exact = !has_large_parts(settled);
  const auto before = total_of(settled);
  netstate::settle(settled, today, now);
  must_hold(!is_exact || total_of(settled) == before, "settling loses no byte", line);
  for (const auto& [name, days] : settled.networks) {
    must_hold(!days.empty() && days.rbegin()->first <= today, "no day is to come", line);
    const core::config::BudgetConfig limits{.daily = core::ByteCount{1000},
                                            .monthly = core::ByteCount{5000},
                                            .reserve = core::ByteCount{100}};
    for (const auto& window : netstate::windows(settled, name, limits, today, now)) {
      must_hold(
          window.left(netstate::Priority::normal) <= window.left(netstate::Priority::critical),
          "what is critical has more", line);
      must_hold(window.left(netstate::Priority::critical) <= window.size,
                "no more is left than there was", line);
    }
  }
  return 0;
}
