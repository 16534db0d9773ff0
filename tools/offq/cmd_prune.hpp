// SPDX-License-Identifier: MIT
#pragma once

// offq prune: forget old deliveries.

#include <optional>

#include "libcore/base/time.hpp"
#include "tools/offq/selection.hpp"

namespace offq {

struct PruneOptions {
  std::optional<core::Duration> older_than;  // absent: keep_synced of the configuration
  DryRun dry_run = DryRun::no;
};

core::cli::Declaration<PruneOptions> prune_command();

}  // namespace offq
