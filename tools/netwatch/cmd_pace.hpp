// SPDX-License-Identifier: MIT
#pragma once

// netwatch pace: waits as budget.rate wants.

#include <optional>
#include <string>

#include "libcore/base/time.hpp"
#include "libcore/base/units.hpp"
#include "libcore/cli/command.hpp"

namespace netwatch {

enum class DryRun { no, yes };

struct PaceOptions {
  core::ByteCount size;
  std::optional<core::Duration> longest;
  DryRun dry_run = DryRun::no;
  std::string network;
};

core::cli::Declaration<PaceOptions> pace_command();

}  // namespace netwatch
