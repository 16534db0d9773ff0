// SPDX-License-Identifier: MIT
#pragma once

// netwatch daemon: the code.

#include "libcore/cli/context.hpp"
#include "tools/netwatch/cmd_daemon.hpp"

namespace netwatch {

core::Result<core::cli::ExitCode> run_daemon(core::cli::Context& context,
                                             const DaemonOptions& options);

}  // namespace netwatch
