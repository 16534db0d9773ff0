// SPDX-License-Identifier: MIT
#pragma once

// netwatch run: a command, when the network is there.

#include <optional>
#include <string>
#include <vector>

#include "libcore/base/time.hpp"
#include "libcore/base/units.hpp"
#include "libcore/cli/command.hpp"

namespace netwatch {

struct RunOptions {
  std::optional<core::Duration> wait;
  std::optional<core::ByteCount> need;
  std::string otherwise;
  std::vector<std::string> command;
};

core::cli::Declaration<RunOptions> run_command();

}  // namespace netwatch
