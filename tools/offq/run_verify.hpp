// SPDX-License-Identifier: MIT
#pragma once

// The code of `offq verify`.

#include "libcore/cli/context.hpp"
#include "tools/offq/cmd_verify.hpp"

namespace offq {

core::Result<core::cli::ExitCode> run_verify(core::cli::Context& context,
                                             const VerifyOptions& options);

}  // namespace offq
