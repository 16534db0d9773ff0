// SPDX-License-Identifier: MIT
#pragma once

// netwatch check: the code.

#include "libcore/cli/context.hpp"
#include "libcore/config/config.hpp"
#include "libcore/sys/files.hpp"
#include "tools/netwatch/cmd_check.hpp"

namespace netwatch {

core::Result<core::cli::ExitCode> run_check(core::cli::Context& context,
                                            const CheckOptions& options);

// For a command that must know what holds, and found nothing that can be believed: a check, where
// no daemon runs. Prints nothing. Errors: as of a check.
core::Result<> look(core::cli::Context& context, core::sys::Files& files,
                    const core::config::Config& config);

}  // namespace netwatch
