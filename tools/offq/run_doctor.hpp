// SPDX-License-Identifier: MIT
#pragma once

// The code of `offq doctor`.

#include "libcore/cli/context.hpp"
#include "tools/offq/cmd_doctor.hpp"

namespace offq {

core::Result<core::cli::ExitCode> run_doctor(core::cli::Context& context,
                                             const DoctorOptions& options);

}  // namespace offq
