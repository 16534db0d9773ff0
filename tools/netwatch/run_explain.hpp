// SPDX-License-Identifier: MIT
#pragma once

// netwatch explain: the code.

#include "libcore/cli/context.hpp"
#include "tools/netwatch/cmd_explain.hpp"

namespace netwatch {

core::Result<core::cli::ExitCode> run_explain(core::cli::Context& context,
                                              const ExplainOptions& options);

}  // namespace netwatch
