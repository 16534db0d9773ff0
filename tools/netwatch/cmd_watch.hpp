// SPDX-License-Identifier: MIT
#pragma once

// netwatch watch: what changes, as it does.

#include <cstdint>
#include <optional>

#include "libcore/cli/command.hpp"
#include "libcore/cli/table.hpp"

namespace netwatch {

struct WatchOptions {
  std::optional<std::int64_t> since;
  core::cli::Format format = core::cli::Format::text;
};

core::cli::Declaration<WatchOptions> watch_command();

}  // namespace netwatch
