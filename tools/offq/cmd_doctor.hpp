// SPDX-License-Identifier: MIT
#pragma once

// offq doctor: what is guaranteed here, and what does it cost?

#include "libcore/cli/command.hpp"
#include "libcore/cli/table.hpp"

namespace offq {

struct DoctorOptions {
  core::cli::Format format = core::cli::Format::text;
};

core::cli::Declaration<DoctorOptions> doctor_command();

}  // namespace offq
