// SPDX-License-Identifier: MIT
#pragma once

// netwatch simulate: what would be found of a network that behaves as a file says.

#include <string>

#include "libcore/cli/command.hpp"
#include "libcore/cli/table.hpp"

namespace netwatch {

struct SimulateOptions {
  std::string file;
  std::int64_t seed = 1;
  core::cli::Format format = core::cli::Format::text;
};

core::cli::Declaration<SimulateOptions> simulate_command();

}  // namespace netwatch
