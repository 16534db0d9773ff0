// SPDX-License-Identifier: MIT
#pragma once

// The code of `offq retry`.

#include "libcore/cli/context.hpp"
#include "tools/offq/cmd_retry.hpp"

namespace offq {

core::Result<core::cli::ExitCode> run_retry(core::cli::Context& context,
                                            const RetryOptions& options);

}  // namespace offq
