// SPDX-License-Identifier: MIT
#pragma once

// The code of `offq cancel`.

#include "libcore/cli/context.hpp"
#include "tools/offq/cmd_cancel.hpp"

namespace offq {

core::Result<core::cli::ExitCode> run_cancel(core::cli::Context& context,
                                             const CancelOptions& options);

}  // namespace offq
