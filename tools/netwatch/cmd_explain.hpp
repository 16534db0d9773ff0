// SPDX-License-Identifier: MIT
#pragma once

// netwatch explain: why the state is what it is.

#include "libcore/cli/command.hpp"
#include "libcore/cli/table.hpp"

namespace netwatch {

struct ExplainOptions {
  core::cli::Format format = core::cli::Format::text;
};

core::cli::Declaration<ExplainOptions> explain_command();

}  // namespace netwatch
