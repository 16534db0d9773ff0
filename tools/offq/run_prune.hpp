// SPDX-License-Identifier: MIT
#pragma once

// The code of `offq prune`.

#include "libcore/cli/context.hpp"
#include "tools/offq/cmd_prune.hpp"

namespace offq {

core::Result<core::cli::ExitCode> run_prune(core::cli::Context& context,
                                            const PruneOptions& options);

}  // namespace offq
