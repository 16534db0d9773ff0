// SPDX-License-Identifier: MIT
#pragma once

// netwatch pace: the code.

#include "libcore/cli/context.hpp"
#include "tools/netwatch/cmd_pace.hpp"

namespace netwatch {

core::Result<core::cli::ExitCode> run_pace(core::cli::Context& context, const PaceOptions& options);

}  // namespace netwatch
