// SPDX-License-Identifier: MIT
#include <algorithm>
#include <cstddef>
#include <span>
#include <string_view>
#include <utility>
#include <vector>

#include "libcore/cli/global_options.hpp"
#include "libcore/cli/settings_page.hpp"
#include "tools/offq/run_curl.hpp"
#include "tools/offq/run_enqueue.hpp"
#include "tools/offq/run_run.hpp"
#include "tools/offq/tool.hpp"

namespace {

// Behind the options, which all are among these; past the end when the last one lacks its value.
std::size_t place_behind(const core::cli::Binder& binder, std::span<char* const> arguments,
                         std::size_t at) {
  for (; at < arguments.size(); ++at) {
    const std::string_view word = arguments[at];
    const auto name = word.substr(0, word.find('='));
    const auto option =
        std::ranges::find_if(binder.options(), [name](const core::cli::Option& known) {
          return name == known.long_name() || name == known.short_name();
        });
    if (option == binder.options().end()) break;
    if (option->takes == core::cli::Takes::value && name == word) ++at;
  }
  return at;
}

std::size_t place_of_command(std::span<char* const> arguments) {
  if (arguments.size() < 2 || *arguments[1] != '-') return 1;
  core::cli::GlobalOptions options;
  core::cli::Binder binder;
  core::cli::bind_global(binder, options);
  return place_behind(binder, arguments, 1);
}

// What follows `curl` and its own options is curl's, options too; but for `offq curl --help`.
std::vector<char*> words_of(std::span<char* const> arguments, std::size_t command) {
  static char options_end[] = "--";  // argv is not const
  std::vector<char*> words(arguments.begin(), arguments.end());
  if (command >= words.size() || words[command] != std::string_view("curl")) return words;
  const auto invocation = offq::curl_command().with(offq::run_curl).prepare();
  const auto place = place_behind(invocation->binder(), arguments, command + 1);
  const bool asks_for_help =
      place + 1 == words.size() && words.back() == std::string_view("--help");
  if (place <= words.size() && !asks_for_help) {
    words.insert(words.begin() + static_cast<std::ptrdiff_t>(place), options_end);
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
