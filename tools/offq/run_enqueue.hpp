// SPDX-License-Identifier: MIT
#pragma once

// offq enqueue: the code. Links no database and no parser library.

#include "libcore/cli/context.hpp"
#include "tools/offq/cmd_enqueue.hpp"

namespace offq {

core::Result<core::cli::ExitCode> run_enqueue(core::cli::Context& context,
                                              const EnqueueOptions& options);

}  // namespace offq
