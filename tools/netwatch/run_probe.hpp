// SPDX-License-Identifier: MIT
#pragma once

#include "libcore/base/result.hpp"
#include "libcore/cli/context.hpp"
#include "libcore/cli/exit_code.hpp"
#include "tools/netwatch/cmd_probe.hpp"

namespace netwatch {

core::Result<core::cli::ExitCode> run_probe(core::cli::Context& context,
                                            const ProbeOptions& options);

}  // namespace netwatch
