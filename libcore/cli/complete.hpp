// SPDX-License-Identifier: MIT
#pragma once

// Completion scripts for bash, zsh and fish, rendered from the tables: commands, options, choices,
// files and directories. Ids of operations are asked of the program itself (`offq list --ids`).

#include <string>

#include "libcore/cli/tool.hpp"

namespace core::cli {

std::string bash_completion(const Tool& tool);
std::string zsh_completion(const Tool& tool);
std::string fish_completion(const Tool& tool);

}  // namespace core::cli
