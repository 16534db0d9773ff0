// SPDX-License-Identifier: MIT
#pragma once

// netwatch simulate: the code.

#include "libcore/cli/context.hpp"
#include "tools/netwatch/cmd_simulate.hpp"

namespace netwatch {

core::Result<core::cli::ExitCode> run_simulate(core::cli::Context& context,
                                               const SimulateOptions& options);

}  // namespace netwatch
