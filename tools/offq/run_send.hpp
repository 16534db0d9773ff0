// SPDX-License-Identifier: MIT
#pragma once

// offq send: the code.

#include "libcore/cli/context.hpp"
#include "tools/offq/cmd_send.hpp"

namespace offq {

core::Result<core::cli::ExitCode> run_send(core::cli::Context& context, const SendOptions& options);

}  // namespace offq
