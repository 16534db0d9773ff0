// SPDX-License-Identifier: MIT
// Tests over the tables of all programs: what holds for every command, today's and tomorrow's.
#include <algorithm>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include <doctest/doctest.h>

#include "libcore/base/text.hpp"
#include "libcore/cli/complete.hpp"
#include "libcore/cli/global_options.hpp"
#include "libcore/cli/help.hpp"
#include "libcore/cli/man.hpp"
#include "libcore/cli/parse.hpp"
#include "tools/netwatch/tool.hpp"
#include "tools/offq/tool.hpp"

namespace {

const std::vector<core::cli::Tool>& tools() {
  static const std::vector<core::cli::Tool> all{offq::tool_with(offq::all_commands({})),
                                                netwatch::tool_with(netwatch::all_commands({}))};
  return all;
}

std::vector<std::pair<const core::cli::Tool*, const core::cli::Command*>> every_command() {
  std::vector<std::pair<const core::cli::Tool*, const core::cli::Command*>> commands;
  for (const auto& tool : tools()) {
    for (const auto& command : tool.commands)
      commands.emplace_back(&tool, &command);
  }
  return commands;
}

// The words of an example up to the first shell operator, quotes removed; empty when the example
// is not a plain call.
std::vector<std::string> shell_words(const std::string& line) {
  std::vector<std::string> words;
  std::string word;
  bool begun = false;
  char quote = 0;
  for (const char c : line) {
    if (quote == 0 && (c == '\'' || c == '"')) {
      quote = c;
      begun = true;
    } else if (c == quote) {
      quote = 0;
    } else if (quote == 0 && (c == ' ' || c == '|' || c == '&')) {
      if (begun) words.push_back(word);
      word.clear();
      begun = false;
      if (c != ' ') return words;
    } else {
      word += c;
      begun = true;
    }
  }
  if (begun) words.push_back(word);
  return words;
}

}  // namespace

TEST_CASE("every command and every option says what it is for, once") {
  core::cli::Binder global;
  core::cli::GlobalOptions global_options;
  core::cli::bind_global(global, global_options);
  std::set<std::string> names;
  for (const auto& [tool, command] : every_command()) {
    const auto& doc = command->doc;
    CAPTURE(tool->name);
    CAPTURE(doc.name);
    CHECK(names.insert(tool->name + " " + doc.name).second);
    CHECK_FALSE(doc.summary.empty());
    CHECK(doc.summary.size() <= 60);
    CHECK_FALSE(doc.summary.ends_with('.'));
    CHECK(doc.description.ends_with('.'));
    CHECK_FALSE(doc.group.empty());
    CHECK_FALSE(doc.examples.empty());
    for (const auto& example : doc.examples) {
      CHECK((example.explanation.ends_with(':') || example.explanation.ends_with('?')));
    }
    const auto invocation = command->prepare();
    auto options = invocation->binder().options();
    std::ranges::copy(global.options(), std::back_inserter(options));
    std::set<std::string> option_names;
    for (const auto& option : options) {
      CAPTURE(option.names);
      for (const auto name : core::split(option.names, ','))
        CHECK(option_names.insert(std::string(name)).second);
      CHECK(option.help.ends_with('.'));
      CHECK((option.takes == core::cli::Takes::nothing) == option.value_name.empty());
      if (option.takes == core::cli::Takes::nothing) CHECK(option.choices.empty());
    }
    for (const auto& operand : invocation->binder().operands())
      CHECK(operand.help.ends_with('.'));
  }
}

TEST_CASE("every example is a line that its command accepts") {
  core::cli::Binder global;
  core::cli::GlobalOptions global_options;
  core::cli::bind_global(global, global_options);
  for (const auto& [tool, command] : every_command()) {
    const auto& name = command->doc.name;
    for (const auto& example : command->doc.examples) {
      CAPTURE(example.command);
      const auto at = example.command.find(tool->name + " " + name);
      CHECK(at != std::string::npos);
      auto words = shell_words(example.command.substr(at));
      words.erase(words.begin(), words.begin() + 2);
      if (name == "status") continue;  // inside $(…)
      // Its words are those of another program, and are not parsed.
      if (name == "curl") words.insert(words.begin(), "--");
      const auto invocation = command->prepare();
      auto options = core::cli::pointers_to(invocation->binder().options());
      std::ranges::copy(core::cli::pointers_to(global.options()), std::back_inserter(options));
      const auto line = core::cli::parse(options, words, core::cli::Options::everywhere, name);
      REQUIRE(line.has_value());
      CHECK(core::cli::assign_options(*line, invocation->binder().options()).has_value());
      CHECK(core::cli::assign_operands(*line, invocation->binder().operands()).has_value());
      CHECK(invocation->check().has_value());
    }
  }
}

TEST_CASE("help, manual and completions name every command and option") {
  for (const auto& [tool, command] : every_command()) {
    CAPTURE(command->doc.name);
    const auto man = core::cli::man_page(*tool);
    const auto bash = core::cli::bash_completion(*tool);
    const auto zsh = core::cli::zsh_completion(*tool);
    const auto fish = core::cli::fish_completion(*tool);
    const auto help = core::cli::command_help(*tool, *command, {});
    CHECK(man.find(".Ss " + command->doc.name + "\n") != std::string::npos);
    const auto invocation = command->prepare();
    for (const auto& option : invocation->binder().options()) {
      const auto name = option.long_name();
      CAPTURE(name);
      CHECK(help.find(name) != std::string::npos);
      CHECK(bash.find(name) != std::string::npos);
      CHECK(zsh.find(name) != std::string::npos);
      CHECK(fish.find(" -l " + name.substr(2)) != std::string::npos);
    }
  }
}

TEST_CASE("help fits the width it is given") {
  for (const std::size_t width : {70UL, 80UL, 100UL}) {
    for (const auto& [tool, command] : every_command()) {
      const auto help = core::cli::command_help(*tool, *command, {.width = width});
      for (const auto line : core::split(help, '\n')) {
        CAPTURE(line);
        const bool is_example = line.starts_with("  $ ");  // never broken
        CHECK(core::cli::display_width(line) <= (is_example ? 80 : width));
      }
    }
  }
}
