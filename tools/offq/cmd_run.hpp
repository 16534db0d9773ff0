// SPDX-License-Identifier: MIT
#pragma once

// offq run: run a command when there is a network, and do something else when there is none.

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "libcore/base/time.hpp"
#include "libcore/cli/command.hpp"
#include "tools/offq/offline_policy.hpp"

namespace offq {

enum class StandardInput { ours, stored };  // --stdin

struct RunOptions {
  PolicyOptions offline;
  std::optional<std::string> key;
  std::optional<std::string> lane;
  std::int64_t priority = 0;
  StandardInput input = StandardInput::ours;
  std::vector<std::string> variables;
  core::Duration timeout = std::chrono::minutes{10};
  std::vector<std::string> command;
};

core::cli::Declaration<RunOptions> run_command();

}  // namespace offq
