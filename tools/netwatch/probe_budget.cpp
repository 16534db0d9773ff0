// SPDX-License-Identifier: MIT
#include "tools/netwatch/probe_budget.hpp"

#include <algorithm>

#include "libcore/netstate/account.hpp"

namespace netwatch {

namespace netstate = core::netstate;
using core::ByteCount;

ProbeBudget::ProbeBudget(core::sys::Files& files, const core::sys::Clock& clock,
                         core::sys::Random& random, const core::config::BudgetConfig& limits)
    : files_(files),
      clock_(clock),
      limits_(limits),
      budget_(files, clock, calendar_, random, limits) {}

netstate::Network ProbeBudget::network() const {
  return netstate::network_of(files_, clock_, limits_);
}

core::Result<> ProbeBudget::spend(ByteCount bytes) {
  if (bytes.value == 0) return {};
  return budget_.spend(network(), bytes, netstate::Purpose::probe);
}

std::optional<ByteCount> ProbeBudget::left() {
  if (!limits_.daily && !limits_.monthly) return std::nullopt;
  const auto network = this->network();
  if (!network.is_limited) return std::nullopt;
  const auto account = budget_.account();
  if (!account) return std::nullopt;
  std::optional<ByteCount> least;
  for (const auto& window :
       netstate::windows(*account, network.name, limits_, budget_.today(), clock_.now())) {
    const ByteCount left{window.left(netstate::Priority::normal)};
    least = std::min(least.value_or(left), left);
  }
  return least;
}

core::Result<bool> ProbeBudget::allows(ByteCount size) {
  TRY_ASSIGN(const auto permission, budget_.can_send(network(), size, netstate::Priority::normal));
  return permission.answer == netstate::Answer::yes;
}

}  // namespace netwatch
