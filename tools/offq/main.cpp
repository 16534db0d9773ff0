// SPDX-License-Identifier: MIT
#include <algorithm>
#include <cstddef>
#include <span>
#include <string_view>
#include <utility>
#include <vector>

#include "libcore/cli/settings_page.hpp"
#include "tools/offq/run_curl.hpp"
#include "tools/offq/run_enqueue.hpp"
#include "tools/offq/run_run.hpp"
#include "tools/offq/tool.hpp"

namespace {

// Where the command is, if it comes first or behind `-C DIR`; else where none can be.
std::size_t place_of_command(std::span<char* const> arguments) {
  std::size_t at = 1;
  while (at + 2 < arguments.size() && arguments[at] == std::string_view("-C"))
    at += 2;
  return at;
}

// Behind the options of `offq curl` itself, which come first.
std::size_t place_of_curl_words(std::span<char* const> arguments, std::size_t command) {
  const auto invocation = offq::curl_command().with(offq::run_curl).prepare();
  const auto& own = invocation->binder().options();
  std::size_t at = command + 1;
  while (at < arguments.size()) {
    const std::string_view word = arguments[at];
    const auto name = word.substr(0, word.find('='));
    if (std::ranges::find(own, name, &core::cli::Option::long_name) == own.end()) break;
    at += name == word ? 2 : 1;  // each has a value
  }
  return std::min(at, arguments.size());
}

// The rest of what follows `curl` is curl's, options too; but for `offq curl --help`.
std::vector<char*> words_of(std::span<char* const> arguments, std::size_t command) {
  static char options_end[] = "--";  // argv is not const
  std::vector<char*> words(arguments.begin(), arguments.end());
  const bool is_curl = command < words.size() && words[command] == std::string_view("curl");
  const bool asks_for_help =
      command + 2 == words.size() && words.back() == std::string_view("--help");
  if (is_curl && !asks_for_help) {
    const auto place = static_cast<std::ptrdiff_t>(place_of_curl_words(arguments, command));
    words.insert(words.begin() + place, options_end);
  }
  return words;
}

std::vector<core::cli::Command> commands_for(std::string_view word) {
  std::vector<core::cli::Command> commands{offq::enqueue_command().with(offq::run_enqueue)};
  // Enqueueing needs no other command's words: leaving them out saves a fifth of its start-up.
  if (word == commands.front().doc.name) return commands;
  commands.push_back(offq::config_command().with(core::cli::run_config));
  commands.push_back(offq::run_command().with(offq::run_run));
  commands.push_back(offq::curl_command().with(offq::run_curl));
  return offq::all_commands(std::move(commands));
}

}  // namespace

int main(int argc, char** argv) {
  const std::span<char* const> arguments(argv, static_cast<std::size_t>(argc));
  const auto command = place_of_command(arguments);
  const std::string_view word = command < arguments.size() ? arguments[command] : "";
  auto words = words_of(arguments, command);
  auto tool = offq::tool_with(commands_for(word));
  tool.settings_page = core::cli::settings_page;
  return core::cli::main(tool, static_cast<int>(words.size()), words.data());
}
