// SPDX-License-Identifier: MIT
#pragma once

// Hooks for a command that does not stay.

#include "libcore/base/result.hpp"
#include "libcore/base/time.hpp"
#include "libcore/cli/context.hpp"
#include "libcore/sys/files.hpp"

namespace netwatch {

// Tells hooks what is published, and what is published meanwhile, until all of them have been told;
// at once, whether it has settled or not. Leaves it to another process that runs hooks already, for
// that one looks again at the end. Errors: interrupted or terminated, after the hook was ended.
core::Result<> run_hooks(core::cli::Context& context, core::sys::Files& files,
                         core::Duration limit);

}  // namespace netwatch
