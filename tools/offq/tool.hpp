// SPDX-License-Identifier: MIT
#pragma once

// offq as data. offq itself lists every command, most of them as surfaces that name their helper;
// a helper lists only the commands whose code it has.

#include <vector>

#include "libcore/cli/config_command.hpp"
#include "libcore/cli/tool.hpp"

namespace offq {

// The tool with these commands.
core::cli::Tool tool_with(std::vector<core::cli::Command> commands);

// Every command in the order of help: those in `with_code` as they are, the others as surfaces.
std::vector<core::cli::Command> all_commands(std::vector<core::cli::Command> with_code);

core::cli::Declaration<core::cli::ConfigOptions> config_command();

}  // namespace offq
