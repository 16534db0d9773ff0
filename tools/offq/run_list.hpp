// SPDX-License-Identifier: MIT
#pragma once

// The code of `offq list`.

#include "libcore/cli/context.hpp"
#include "tools/offq/cmd_list.hpp"

namespace offq {

core::Result<core::cli::ExitCode> run_list(core::cli::Context& context, const ListOptions& options);

}  // namespace offq
