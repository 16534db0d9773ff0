// SPDX-License-Identifier: MIT
#pragma once

// The code of `offq fsck`.

#include "libcore/cli/context.hpp"
#include "tools/offq/cmd_fsck.hpp"

namespace offq {

core::Result<core::cli::ExitCode> run_fsck(core::cli::Context& context, const FsckOptions& options);

}  // namespace offq
