// SPDX-License-Identifier: MIT
#pragma once

// netwatch hook: the programs that are told of the network's state.

#include <array>
#include <optional>
#include <string_view>

#include "libcore/base/enum_names.hpp"
#include "libcore/cli/command.hpp"
#include "libcore/cli/table.hpp"
#include "libcore/netstate/hook_journal.hpp"

namespace netwatch {

enum class HookAction { list, test, log };

struct HookOptions {
  HookAction action = HookAction::list;
  std::optional<core::netstate::HookEvent> event;
  int limit = 20;
  core::cli::Format format = core::cli::Format::text;
};

core::cli::Declaration<HookOptions> hook_command();

}  // namespace netwatch

template <>
inline constexpr std::array<std::string_view, 3> core::enum_names<netwatch::HookAction>{
    "list", "test", "log"};
