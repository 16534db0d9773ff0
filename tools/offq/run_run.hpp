// SPDX-License-Identifier: MIT
#pragma once

// offq run: the code. Links no shared library.

#include "libcore/cli/context.hpp"
#include "tools/offq/cmd_run.hpp"

namespace offq {

core::Result<core::cli::ExitCode> run_run(core::cli::Context& context, const RunOptions& options);

}  // namespace offq
