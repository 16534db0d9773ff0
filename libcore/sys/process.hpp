// SPDX-License-Identifier: MIT
#pragma once

// This process: where its program is, and turning into another one.

#include <span>
#include <string>

#include "libcore/base/result.hpp"

namespace core::sys {

// The absolute path of the running program (/proc/self/exe). Errors: io.
Result<std::string> executable_path();

// Of this process, of the one that started it, and of the user for whom it runs.
int process_id();
int parent_process_id();
unsigned user_id();

// execv(3) with these arguments (argv[0] included). Returns only on failure: not_found when there
// is no such program, denied, io.
Error replace_process(const std::string& path, std::span<const std::string> arguments);
// The same for what a user has typed: the program is looked for as a shell does (execvp(3)).
Error replace_by_command(std::span<const std::string> arguments);

}  // namespace core::sys
