// SPDX-License-Identifier: MIT
#pragma once

// The code of `offq receive`, for the helper program that links cpp-httplib.

#include "libcore/cli/context.hpp"
#include "tools/offq/cmd_receive.hpp"

namespace offq {

core::Result<core::cli::ExitCode> run_receive(core::cli::Context& context,
                                              const ReceiveOptions& options);

}  // namespace offq
