// SPDX-License-Identifier: MIT
#pragma once

// netwatch wait: the code.

#include "libcore/cli/context.hpp"
#include "tools/netwatch/cmd_wait.hpp"

namespace netwatch {

core::Result<core::cli::ExitCode> run_wait(core::cli::Context& context, const WaitOptions& options);

}  // namespace netwatch
