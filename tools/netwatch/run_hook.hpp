// SPDX-License-Identifier: MIT
#pragma once

// netwatch hook: the code.

#include "libcore/cli/context.hpp"
#include "tools/netwatch/cmd_hook.hpp"

namespace netwatch {

core::Result<core::cli::ExitCode> run_hook(core::cli::Context& context, const HookOptions& options);

}  // namespace netwatch
