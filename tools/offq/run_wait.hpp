// SPDX-License-Identifier: MIT
#pragma once

// The code of `offq wait`.

#include "libcore/cli/context.hpp"
#include "tools/offq/cmd_wait.hpp"

namespace offq {

core::Result<core::cli::ExitCode> run_wait(core::cli::Context& context, const WaitOptions& options);

}  // namespace offq
