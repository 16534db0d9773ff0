// SPDX-License-Identifier: MIT
#pragma once

// netwatch run: the code.

#include "libcore/cli/context.hpp"
#include "tools/netwatch/cmd_run.hpp"

namespace netwatch {

core::Result<core::cli::ExitCode> run_run(core::cli::Context& context, const RunOptions& options);

}  // namespace netwatch
