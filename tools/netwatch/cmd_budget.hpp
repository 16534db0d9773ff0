// SPDX-License-Identifier: MIT
#pragma once

// netwatch budget: how many bytes may still be spent, and on what they went.

#include <array>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "libcore/base/enum_names.hpp"
#include "libcore/base/time.hpp"
#include "libcore/base/units.hpp"
#include "libcore/cli/command.hpp"
#include "libcore/cli/table.hpp"
#include "libcore/netstate/account.hpp"

namespace netwatch {

enum class BudgetAction { show, can_send, reserve, commit, release, spend, set, reset };

struct BudgetOptions {
  std::optional<BudgetAction> action;
  std::vector<std::string>
      words;  // what the action is about: SIZE, ID, or both; of set KEY and VALUE
  core::netstate::Priority priority = core::netstate::Priority::normal;
  std::optional<core::ByteCount> summary;
  std::optional<core::Duration> time_to_live;
  std::optional<core::netstate::Purpose> purpose;
  std::string network;
  core::cli::Format format = core::cli::Format::text;
};

core::cli::Declaration<BudgetOptions> budget_command();

}  // namespace netwatch

template <>
inline constexpr std::array<std::string_view, 8> core::enum_names<netwatch::BudgetAction>{
    "show", "can-send", "reserve", "commit", "release", "spend", "set", "reset"};
