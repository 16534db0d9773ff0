// SPDX-License-Identifier: MIT
#pragma once

// netwatch mode: the code.

#include "libcore/cli/context.hpp"
#include "tools/netwatch/cmd_mode.hpp"

namespace netwatch {

core::Result<core::cli::ExitCode> run_mode(core::cli::Context& context, const ModeOptions& options);

}  // namespace netwatch
