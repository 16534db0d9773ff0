// SPDX-License-Identifier: MIT
#pragma once

// netwatch probe: what one endpoint says, and how long each step takes.

#include <chrono>
#include <optional>
#include <string>
#include <vector>

#include "libcore/base/time.hpp"
#include "libcore/cli/command.hpp"
#include "libcore/cli/table.hpp"

namespace netwatch {

enum class Over { any, v4, v6 };

struct ProbeOptions {
  std::vector<std::string> endpoints;
  Over over = Over::any;
  std::optional<std::string> interface;
  core::Duration timeout = std::chrono::seconds{3};
  core::cli::Format format = core::cli::Format::text;
};

core::cli::Declaration<ProbeOptions> probe_command();

}  // namespace netwatch
