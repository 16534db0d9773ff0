// SPDX-License-Identifier: MIT
#pragma once

// Removing operations for good, with the bodies that only they had.

#include "libcore/base/result.hpp"
#include "libcore/cli/context.hpp"
#include "libcore/queue/store.hpp"
#include "tools/offq/pick.hpp"

namespace offq {

// Prints the removed ids. The exit code as change() has it.
core::Result<core::cli::ExitCode> remove_operations(core::cli::Context& context,
                                                    core::queue::Store& store,
                                                    const Picked& picked);

}  // namespace offq
