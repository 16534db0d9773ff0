// SPDX-License-Identifier: MIT
#pragma once

// netwatch history: the code.

#include "libcore/cli/context.hpp"
#include "tools/netwatch/cmd_history.hpp"

namespace netwatch {

core::Result<core::cli::ExitCode> run_history(core::cli::Context& context,
                                              const HistoryOptions& options);

}  // namespace netwatch
