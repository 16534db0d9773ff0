// SPDX-License-Identifier: MIT
#include <cstddef>
#include <span>
#include <string_view>
#include <utility>
#include <vector>

#include "tools/offq/run_enqueue.hpp"
#include "tools/offq/tool.hpp"

namespace {

// The command, where it comes first or behind `-C DIR`; else what cannot be one.
std::string_view first_word(std::span<char* const> arguments) {
  std::size_t at = 1;
  while (at + 2 < arguments.size() && arguments[at] == std::string_view("-C"))
    at += 2;
  return at < arguments.size() ? arguments[at] : "";
}

std::vector<core::cli::Command> commands_for(std::string_view word) {
  std::vector<core::cli::Command> commands{offq::enqueue_command().with(offq::run_enqueue)};
  // Enqueueing needs no other command's words: leaving them out saves a fifth of its start-up.
  if (word == commands.front().doc.name) return commands;
  commands.push_back(offq::config_command().with(core::cli::run_config));
  return offq::all_commands(std::move(commands));
}

}  // namespace

int main(int argc, char** argv) {
  return core::cli::main(
      offq::tool_with(commands_for(first_word({argv, static_cast<std::size_t>(argc)}))), argc,
      argv);
}
