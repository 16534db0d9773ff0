// SPDX-License-Identifier: MIT
#pragma once

// The code of `offq clear`.

#include "libcore/cli/context.hpp"
#include "tools/offq/cmd_clear.hpp"

namespace offq {

core::Result<core::cli::ExitCode> run_clear(core::cli::Context& context,
                                            const ClearOptions& options);

}  // namespace offq
