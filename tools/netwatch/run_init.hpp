// SPDX-License-Identifier: MIT
#pragma once

// netwatch init: the code.

#include "libcore/cli/context.hpp"
#include "tools/netwatch/cmd_init.hpp"

namespace netwatch {

core::Result<core::cli::ExitCode> run_init(core::cli::Context& context, const InitOptions& options);

}  // namespace netwatch
