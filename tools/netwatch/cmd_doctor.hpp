// SPDX-License-Identifier: MIT
#pragma once

// netwatch doctor: what can be known of the network here, and what does it cost?

#include "libcore/cli/command.hpp"
#include "libcore/cli/table.hpp"

namespace netwatch {

struct DoctorOptions {
  core::cli::Format format = core::cli::Format::text;
};

core::cli::Declaration<DoctorOptions> doctor_command();

}  // namespace netwatch
