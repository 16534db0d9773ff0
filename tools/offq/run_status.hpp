// SPDX-License-Identifier: MIT
#pragma once

// The code of `offq status`.

#include "libcore/cli/context.hpp"
#include "tools/offq/cmd_status.hpp"

namespace offq {

core::Result<core::cli::ExitCode> run_status(core::cli::Context& context,
                                             const StatusOptions& options);

}  // namespace offq
