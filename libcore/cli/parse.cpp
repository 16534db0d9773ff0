// SPDX-License-Identifier: MIT
#include "libcore/cli/parse.hpp"

#include <algorithm>
#include <map>
#include <set>

#include <CLI/CLI.hpp>
#include <fmt/core.h>

#include "libcore/base/text.hpp"

namespace core::cli {
namespace {

constexpr std::size_t k_shown = 60;

// What the public constructor adds, --help, would only be taken out again: a tenth of what parsing
// a line costs.
class Line final : public CLI::App {
 public:
  Line() : CLI::App("", "", nullptr) {}
};

void add_to(CLI::App& app, const Option& option) {
  if (option.takes == Takes::nothing) {
    app.add_flag(option.names)->multi_option_policy(CLI::MultiOptionPolicy::TakeAll);
    return;
  }
  // The words are read from results() afterwards: CLI11 would give "[1,2]" and "{}" a meaning of
  // its own before a callback sees them, and a payload must arrive as it was typed.
  auto* added = app.add_option(option.names, [](const CLI::results_t&) { return true; });
  added->multi_option_policy(CLI::MultiOptionPolicy::TakeAll);
  if (option.takes == Takes::optional_value) {
    added->expected(0, 1);
  } else {
    added->expected(1);
  }
  added->allow_extra_args(false);
}

// Whether a word may name the option: "--limit", "--limit=5", "-n5", or "-xn" for two flags.
bool may_name(const std::string& word, const std::string& long_name,
              const std::string& short_name) {
  if (word.starts_with("--")) return std::string_view(word).substr(0, word.find('=')) == long_name;
  return word.starts_with('-') && short_name.size() == 2 &&
         word.find(short_name[1], 1) != std::string::npos;
}

// Only those that the words may name: telling CLI11 of all thirty of a command took more than half
// of the instructions of an enqueue.
std::vector<const Option*> named_by(std::span<const std::string> words,
                                    std::span<const Option* const> options) {
  std::vector<const Option*> named;
  for (const auto* option : options) {
    const auto is_it = [long_name = option->long_name(),
                        short_name = option->short_name()](const std::string& word) {
      return may_name(word, long_name, short_name);
    };
    if (std::ranges::any_of(words, is_it)) named.push_back(option);
  }
  return named;
}

// CLI11 takes "--name=" for an option that still wants its value.
std::vector<std::string> split_empty_values(std::span<const Option* const> options,
                                            std::span<const std::string> words) {
  std::vector<std::string> result;
  for (std::size_t i = 0; i < words.size(); ++i) {
    const auto& word = words[i];
    if (word == "--") {
      result.insert(result.end(), words.begin() + static_cast<std::ptrdiff_t>(i), words.end());
      break;
    }
    const bool wants = word.starts_with("--") && word.ends_with('=') &&
                       std::ranges::any_of(options, [&](const Option* option) {
                         return option->takes == Takes::value && option->long_name() + "=" == word;
                       });
    result.push_back(wants ? word.substr(0, word.size() - 1) : word);
    if (wants) result.emplace_back();
  }
  return result;
}

tl::unexpected<Error> unknown_option(std::span<const Option* const> options,
                                     const std::string& word, const std::string& command) {
  const bool is_long = word.starts_with("--");
  // "-xv": x is the one that CLI11 stumbled over.
  const std::string name = is_long ? word.substr(0, word.find('=')) : word.substr(0, 2);
  auto message = fmt::format("unknown option '{}'{}", printable(name, k_shown),
                             command.empty() ? "" : fmt::format(" for '{}'", command));
  std::vector<std::string> names;
  for (const auto* option : options)
    names.push_back(option->long_name());
  const std::vector<std::string_view> views(names.begin(), names.end());
  // "-limit" is a long option with one dash forgotten.
  const auto guess = nearest(is_long ? name : "-" + word, views);
  if (guess && (is_long || word.size() > 2)) message += fmt::format(": did you mean '{}'?", *guess);
  return fail(Errc::usage, message);
}

bool looks_like_option(const std::string& word) {
  return word.size() > 1 && word[0] == '-' && !(word[1] >= '0' && word[1] <= '9');
}

const Option* find_option(std::span<const Option* const> options, std::string_view name) {
  for (const auto* option : options) {
    const auto names = split(option->names, ',');
    if (std::ranges::find(names, name) != names.end()) return option;
  }
  return nullptr;
}

tl::unexpected<Error> missing_value(std::span<const Option* const> options,
                                    const std::string& what) {
  const auto name = what.substr(0, what.find(':'));
  const auto* option = find_option(options, name);
  return fail(Errc::usage, option == nullptr
                               ? "missing value: " + name
                               : fmt::format("missing value: {} {}", name, option->value_name));
}

// As they were typed: of flags that contradict each other the last one must win.
Result<std::vector<std::pair<const Option*, std::string>>> values_in_order(
    const CLI::App& app, std::span<const Option* const> options) {
  struct Given {
    const Option* option = nullptr;
    std::size_t next = 0;  // of its results
  };
  std::map<const CLI::Option*, Given> given;
  for (const auto* option : options)
    given[app.get_option(option->long_name())] = {.option = option};
  std::vector<std::pair<const Option*, std::string>> values;
  for (const auto* parsed : app.parse_order()) {  // once for each result
    auto& [option, next] = given.at(parsed);
    const std::string value = parsed->results().at(next++);
    const bool is_flag = option->takes == Takes::nothing;
    if (is_flag && value != "true") {
      return fail(Errc::usage, fmt::format("option takes no value: {}", option->long_name()));
    }
    values.emplace_back(option, is_flag ? std::string{} : value);
  }
  return values;
}

}  // namespace

Result<ParsedLine> parse(std::span<const Option* const> options, std::span<const std::string> words,
                         Options where, const std::string& command) {
  Line app;
  app.allow_extras();
  app.prefix_command(where == Options::leading);
  const auto named = named_by(words, options);
  for (const auto* option : named)
    add_to(app, *option);
  auto reversed = split_empty_values(options, words);
  std::ranges::reverse(reversed);
  try {
    app.parse(std::move(reversed));
  } catch (const CLI::ArgumentMismatch& error) {
    return missing_value(options, error.what());
  } catch (const CLI::Error& error) {
    return fail(Errc::usage, printable(error.what()));
  }

  ParsedLine line;
  bool options_ended = false;
  for (auto& word : app.remaining()) {
    if (options_ended) {
      line.operands.push_back(std::move(word));
    } else if (word == "--") {
      options_ended = true;
    } else if (looks_like_option(word)) {
      return unknown_option(options, word, command);
    } else {
      line.operands.push_back(std::move(word));
      options_ended = where == Options::leading;
    }
  }
  TRY_ASSIGN(line.values, values_in_order(app, named));
  return line;
}

Result<> assign_options(const ParsedLine& line, const std::vector<Option>& options) {
  const auto mine = [&](const Option* option) {
    return option >= options.data() && option < options.data() + options.size();
  };
  std::set<const Option*> given;
  for (const auto& [option, value] : line.values) {
    if (!mine(option)) continue;
    if (!given.insert(option).second && !option->once.empty()) {
      return fail(Errc::usage,
                  fmt::format("option given twice: {}: {}", option->long_name(), option->once));
    }
    if (auto assigned = option->assign(value); !assigned) {
      return wrap("invalid value: " + option->long_name(), std::move(assigned).error());
    }
  }
  return {};
}

Result<> assign_operands(const ParsedLine& line, const std::vector<Operand>& operands) {
  std::size_t next = 0;
  for (const auto& operand : operands) {
    if (operand.presence == Presence::required && next == line.operands.size()) {
      return fail(Errc::usage, "missing operand: " + operand.name);
    }
    const bool many = operand.presence == Presence::repeated;
    const auto end = many ? line.operands.size() : std::min(next + 1, line.operands.size());
    for (; next < end; ++next) {
      if (auto assigned = operand.assign(line.operands[next]); !assigned) {
        return wrap("invalid operand: " + operand.name, std::move(assigned).error());
      }
    }
  }
  if (next == line.operands.size()) return {};
  return fail(Errc::usage,
              fmt::format("unexpected operand: '{}'", printable(line.operands[next], k_shown)));
}

std::vector<const Option*> pointers_to(const std::vector<Option>& options) {
  std::vector<const Option*> pointers;
  pointers.reserve(options.size());
  for (const auto& option : options)
    pointers.push_back(&option);
  return pointers;
}

}  // namespace core::cli
