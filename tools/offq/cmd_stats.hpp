// SPDX-License-Identifier: MIT
#pragma once

// offq stats: the queue in numbers.

#include "libcore/cli/command.hpp"
#include "libcore/cli/table.hpp"

namespace offq {

struct StatsOptions {
  core::cli::Format format = core::cli::Format::text;
};

core::cli::Declaration<StatsOptions> stats_command();

}  // namespace offq
