// SPDX-License-Identifier: MIT
#pragma once

// offq status: one line for a prompt.

#include "libcore/cli/command.hpp"
#include "libcore/cli/table.hpp"

namespace offq {

struct StatusOptions {
  core::cli::Format format = core::cli::Format::text;
};

core::cli::Declaration<StatusOptions> status_command();

}  // namespace offq
