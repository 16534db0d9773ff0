// SPDX-License-Identifier: MIT
#pragma once

// netwatch watch: the code.

#include "libcore/cli/context.hpp"
#include "tools/netwatch/cmd_watch.hpp"

namespace netwatch {

core::Result<core::cli::ExitCode> run_watch(core::cli::Context& context,
                                            const WatchOptions& options);

}  // namespace netwatch
