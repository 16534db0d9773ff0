// SPDX-License-Identifier: MIT
#pragma once

// offq config: the code.

#include "libcore/cli/context.hpp"
#include "tools/offq/cmd_config.hpp"

namespace offq {

core::Result<core::cli::ExitCode> run_config(core::cli::Context& context,
                                             const ConfigOptions& options);

}  // namespace offq
