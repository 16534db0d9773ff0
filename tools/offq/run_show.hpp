// SPDX-License-Identifier: MIT
#pragma once

// The code of `offq show`.

#include "libcore/cli/context.hpp"
#include "tools/offq/cmd_show.hpp"

namespace offq {

core::Result<core::cli::ExitCode> run_show(core::cli::Context& context, const ShowOptions& options);

}  // namespace offq
