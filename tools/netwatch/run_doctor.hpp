// SPDX-License-Identifier: MIT
#pragma once

// netwatch doctor: the code.

#include "libcore/cli/context.hpp"
#include "tools/netwatch/cmd_doctor.hpp"

namespace netwatch {

core::Result<core::cli::ExitCode> run_doctor(core::cli::Context& context,
                                             const DoctorOptions& options);

}  // namespace netwatch
