// SPDX-License-Identifier: MIT
#pragma once

// `offq sync --dry-run`: says what would be sent, in order, and what would not be and why; sends
// nothing, and needs no lock.

#include "libcore/base/result.hpp"
#include "libcore/cli/context.hpp"
#include "libcore/cli/exit_code.hpp"
#include "libcore/cli/table.hpp"
#include "libcore/config/config.hpp"
#include "libcore/delivery/sync_run.hpp"
#include "libcore/queue/store.hpp"

namespace offq {

core::Result<core::cli::ExitCode> dry_run(core::cli::Context& context, core::queue::Store& store,
                                          const core::config::Config& config,
                                          const core::delivery::RunOptions& options,
                                          core::cli::Format format);

}  // namespace offq
