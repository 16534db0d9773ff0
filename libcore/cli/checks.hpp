// SPDX-License-Identifier: MIT
#pragma once

// How the commands `doctor` show what they have found.

#include <span>
#include <string>

#include "libcore/base/check.hpp"
#include "libcore/cli/context.hpp"
#include "libcore/cli/exit_code.hpp"

namespace core::cli {

// One line each, coloured by its level, and another one where there is something to do; longer ones
// are wrapped on a terminal.
void print_checks(Context& context, std::span<const Check> checks);

// A JSON array of {"name", "level", "text", "hint"}.
std::string checks_json(std::span<const Check> checks);

// The cause of the first that failed, else whether all is well.
ExitCode code_of(std::span<const Check> checks);

}  // namespace core::cli
