// SPDX-License-Identifier: MIT
#pragma once

// netwatch is: the code.

#include "libcore/cli/context.hpp"
#include "tools/netwatch/cmd_is.hpp"

namespace netwatch {

core::Result<core::cli::ExitCode> run_is(core::cli::Context& context, const IsOptions& options);

}  // namespace netwatch
