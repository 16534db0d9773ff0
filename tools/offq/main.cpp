// SPDX-License-Identifier: MIT
#include <string_view>
#include <utility>
#include <vector>

#include "tools/offq/run_config.hpp"
#include "tools/offq/run_enqueue.hpp"
#include "tools/offq/tool.hpp"

namespace {

std::vector<core::cli::Command> commands_for(std::string_view first_word) {
  std::vector<core::cli::Command> commands{offq::enqueue_command().with(offq::run_enqueue)};
  // Enqueueing needs no other command's words: leaving them out saves a fifth of its start-up.
  if (first_word == commands.front().doc.name) return commands;
  commands.push_back(offq::config_command().with(offq::run_config));
  return offq::all_commands(std::move(commands));
}

}  // namespace

int main(int argc, char** argv) {
  return core::cli::main(offq::tool_with(commands_for(argc > 1 ? argv[1] : "")), argc, argv);
}
