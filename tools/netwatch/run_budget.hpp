// SPDX-License-Identifier: MIT
#pragma once

// netwatch budget: the code.

#include "libcore/cli/context.hpp"
#include "tools/netwatch/cmd_budget.hpp"

namespace netwatch {

core::Result<core::cli::ExitCode> run_budget(core::cli::Context& context,
                                             const BudgetOptions& options);

}  // namespace netwatch
