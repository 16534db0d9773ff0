// SPDX-License-Identifier: MIT
#pragma once

// --help and the command `help`, rendered from the tables.

#include <optional>
#include <string>

#include "libcore/cli/layout.hpp"
#include "libcore/cli/tool.hpp"

namespace core::cli {

std::string tool_help(const Tool& tool, const Page& page);
std::string command_help(const Tool& tool, const Command& command, const Page& page);
// As wide as the terminal, at most 100: longer lines are hard to read.
Page page_of(const Context& context);

// "offq list [OPTION...] [ID...]"
std::string usage_line(const Tool& tool, const Command& command, const Binder& binder);
// "-n, --limit N"; an option without a short name is indented to line up when `align` is yes.
enum class AlignShort { no, yes };
std::string option_term(const Option& option, AlignShort align);
// The help sentence with choices and default.
std::string option_text(const Option& option);
// What the command documents, completed by what every command can return.
std::vector<ExitMeaning> exit_codes_of(const Doc& doc);

struct HelpOptions {
  std::optional<std::string> command;
};
// The command `help [COMMAND]`, for the list of every tool; its example explains one of them.
Command help_command(Example example);

}  // namespace core::cli
