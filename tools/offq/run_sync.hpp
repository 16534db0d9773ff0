// SPDX-License-Identifier: MIT
#pragma once

// offq sync: the code. Links libcurl, which is why it lives in a helper program.

#include "libcore/cli/context.hpp"
#include "tools/offq/cmd_sync.hpp"

namespace offq {

core::Result<core::cli::ExitCode> run_sync(core::cli::Context& context, const SyncOptions& options);

}  // namespace offq
