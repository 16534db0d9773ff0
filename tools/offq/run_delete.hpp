// SPDX-License-Identifier: MIT
#pragma once

// The code of `offq delete`.

#include "libcore/cli/context.hpp"
#include "tools/offq/cmd_delete.hpp"

namespace offq {

core::Result<core::cli::ExitCode> run_delete(core::cli::Context& context,
                                             const DeleteOptions& options);

}  // namespace offq
