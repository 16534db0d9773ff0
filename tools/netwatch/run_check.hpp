// SPDX-License-Identifier: MIT
#pragma once

// netwatch check: the code.

#include "libcore/cli/context.hpp"
#include "tools/netwatch/cmd_check.hpp"

namespace netwatch {

core::Result<core::cli::ExitCode> run_check(core::cli::Context& context,
                                            const CheckOptions& options);

}  // namespace netwatch
