// SPDX-License-Identifier: MIT
#pragma once

// The code of `offq stats`.

#include "libcore/cli/context.hpp"
#include "tools/offq/cmd_stats.hpp"

namespace offq {

core::Result<core::cli::ExitCode> run_stats(core::cli::Context& context,
                                            const StatsOptions& options);

}  // namespace offq
