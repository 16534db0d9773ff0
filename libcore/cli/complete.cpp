// SPDX-License-Identifier: MIT
#include "libcore/cli/complete.hpp"

#include <memory>

#include <fmt/core.h>

#include "libcore/base/text.hpp"
#include "libcore/cli/global_options.hpp"

namespace core::cli {
namespace {

struct Entry {
  const Command* command = nullptr;
  std::unique_ptr<Invocation> invocation;
};

std::vector<Entry> entries_of(const Tool& tool) {
  std::vector<Entry> entries;
  for (const auto& command : tool.commands) {
    entries.push_back({.command = &command, .invocation = command.prepare()});
  }
  return entries;
}

std::vector<Option> global_options() {
  Binder binder;
  GlobalOptions options;
  bind_global(binder, options);
  auto list = binder.options();
  for (auto& option : list)
    option.assign = nullptr;  // it points into `options`
  return list;
}

std::string joined(const std::vector<std::string>& words) {
  std::string text;
  for (const auto& word : words)
    text += (text.empty() ? "" : " ") + word;
  return text;
}

std::string all_names(const std::vector<Option>& options) {
  std::string text;
  for (const auto& option : options) {
    for (const auto name : split(option.names, ','))
      text += (text.empty() ? "" : " ") + std::string(name);
  }
  return text;
}

std::string replace_all(std::string text, std::string_view from, std::string_view to) {
  for (std::size_t at = 0; (at = text.find(from, at)) != std::string::npos; at += to.size())
    text.replace(at, from.size(), to);
  return text;
}

// The first sentence, which is what fits beside a word in a menu.
std::string short_text(const std::string& help) {
  auto text = help.substr(0, help.find(". "));
  if (text.ends_with('.')) text.pop_back();
  return replace_all(text, "`", "");
}

// --- bash ---

std::string bash_action(Complete complete, const std::vector<std::string>& choices) {
  if (!choices.empty()) return "words '" + joined(choices) + "'";
  switch (complete) {
    case Complete::none:
      return ":";
    case Complete::file:
      return "files -f";
    case Complete::directory:
      return "files -d";
    case Complete::operation_id:
      return "ids";
  }
  return ":";
}

// "list:--state) words '…'; return ;;" for every option that wants a value.
std::string bash_values(const std::string& tool, const std::string& command,
                        const std::vector<Option>& options) {
  std::string text;
  for (const auto& option : options) {
    if (option.takes == Takes::nothing) continue;
    std::string patterns;
    for (const auto name : split(option.names, ','))
      patterns += fmt::format("{}{}:{}", patterns.empty() ? "" : " | ", command, name);
    const auto action = bash_action(option.complete, option.choices);
    const auto call = action == ":" ? action : fmt::format("_{}_{}", tool, action);
    text += fmt::format("    {}) {}; return ;;\n", patterns, call);
  }
  return text;
}

// --- zsh ---

std::string zsh_quoted(const std::string& text) {
  return replace_all(
      replace_all(replace_all(replace_all(text, "'", "'\\''"), "[", "\\["), "]", "\\]"), ":",
      "\\:");
}

std::string zsh_action(const std::string& tool, Complete complete,
                       const std::vector<std::string>& choices) {
  if (!choices.empty()) return "(" + joined(choices) + ")";
  switch (complete) {
    case Complete::none:
      return " ";
    case Complete::file:
      return "_files";
    case Complete::directory:
      return "_directories";
    case Complete::operation_id:
      return "_" + tool + "_ids";
  }
  return " ";
}

std::string zsh_option(const std::string& tool, const Option& option) {
  const auto names = split(option.names, ',');
  std::string value;
  if (option.takes != Takes::nothing) {
    value = fmt::format("{}{}:{}", option.takes == Takes::optional_value ? "::" : ":",
                        zsh_quoted(option.value_name),
                        zsh_action(tool, option.complete, option.choices));
  }
  std::string list;
  for (const auto name : names)
    list += (list.empty() ? "" : " ") + std::string(name);
  const auto text = zsh_quoted(short_text(option.help));
  const bool repeated = option.repeated == Repeated::yes;
  if (names.size() == 1) {
    const auto exclusion = repeated ? std::string("*") : "(" + list + ")";
    return fmt::format("    '{}{}[{}]{}'", exclusion, names[0], text, value);
  }
  const auto braces = replace_all(list, " ", ",");
  return fmt::format("    '{}'{{{}}}'[{}]{}'", repeated ? "*" : "(" + list + ")", braces, text,
                     value);
}

std::string zsh_arguments(const std::string& tool, const Binder& binder) {
  std::string text;
  for (const auto& option : binder.options())
    text += " \\\n" + zsh_option(tool, option);
  std::size_t position = 1;
  for (const auto& operand : binder.operands()) {
    const auto action = zsh_action(tool, operand.complete, operand.choices);
    const auto name = zsh_quoted(operand.name);
    switch (operand.presence) {
      case Presence::required:
        text += fmt::format(" \\\n    '{}:{}:{}'", position, name, action);
        break;
      case Presence::optional:
        text += fmt::format(" \\\n    '{}::{}:{}'", position, name, action);
        break;
      case Presence::repeated:
        text += fmt::format(" \\\n    '*:{}:{}'", name, action);
        break;
    }
    ++position;
  }
  return text;
}

// --- fish ---

std::string fish_quoted(const std::string& text) {
  return "'" + replace_all(replace_all(text, "\\", "\\\\"), "'", "\\'") + "'";
}

std::string fish_action(const std::string& tool, Complete complete,
                        const std::vector<std::string>& choices) {
  if (!choices.empty()) return " -x -a " + fish_quoted(joined(choices));
  switch (complete) {
    case Complete::none:
      return " -x";
    case Complete::file:
      return " -r -F";
    case Complete::directory:
      return " -x -a '(__fish_complete_directories)'";
    case Complete::operation_id:
      return fmt::format(" -x -a '(__{}_ids)'", tool);
  }
  return {};
}

std::string fish_option(const std::string& tool, const std::string& condition,
                        const Option& option) {
  std::string text = "complete -c " + tool + condition;
  for (const auto name : split(option.names, ',')) {
    const bool is_long = name.starts_with("--");
    text += (is_long ? " -l " : " -s ") + std::string(name.substr(is_long ? 2 : 1));
  }
  if (option.takes == Takes::value) text += fish_action(tool, option.complete, option.choices);
  if (option.takes == Takes::optional_value && option.complete == Complete::file) text += " -F";
  return text + " -d " + fish_quoted(short_text(option.help)) + "\n";
}

}  // namespace

std::string bash_completion(const Tool& tool) {
  const auto& name = tool.name;
  const auto globals = global_options();
  std::string commands;
  std::string values = bash_values(name, "*", globals);
  std::string options;
  std::string operands;
  for (const auto& [command, invocation] : entries_of(tool)) {
    const auto& verb = command->doc.name;
    const auto& binder = invocation->binder();
    commands += (commands.empty() ? "" : " ") + verb;
    values += bash_values(name, verb, binder.options());
    options += fmt::format("    {}) options='{}' ;;\n", verb, all_names(binder.options()));
    if (binder.operands().empty()) continue;
    const auto& operand = binder.operands().front();
    const auto action = verb == "help" ? std::string("words \"$commands\"")
                                       : bash_action(operand.complete, operand.choices);
    if (action != ":") operands += fmt::format("    {}) _{}_{} ;;\n", verb, name, action);
  }
  const std::string script = R"sh(# bash completion for @T@
# Generated by '@T@ --generate bash'; do not edit.

_@T@_words() {
  mapfile -t COMPREPLY < <(compgen -W "$1" -- "$cur")
}

_@T@_files() {
  compopt -o filenames 2>/dev/null
  mapfile -t COMPREPLY < <(compgen "$1" -- "$cur")
}

_@T@_ids() {
  _@T@_words "$("${COMP_WORDS[0]}" "${directory[@]}" list --ids 2>/dev/null)"
}

_@T@() {
  local cur=${COMP_WORDS[COMP_CWORD]} prev=${COMP_WORDS[COMP_CWORD - 1]}
  local commands='@COMMANDS@'
  local globals='@GLOBALS@'
  local options='' command='' word i
  local -a directory=()
  COMPREPLY=()
  # "--name=value" arrives as three words.
  if [[ $cur == '=' ]]; then
    cur=''
  elif [[ $prev == '=' ]]; then
    prev=${COMP_WORDS[COMP_CWORD - 2]}
  fi
  for ((i = 1; i < COMP_CWORD; i++)); do
    word=${COMP_WORDS[i]}
    case $word in
    -C | --dir)
      i=$((i + 1))
      [[ ${COMP_WORDS[i]} == '=' ]] && i=$((i + 1))
      directory=(-C "${COMP_WORDS[i]}")
      ;;
    --color) [[ $command ]] || i=$((i + 1)) ;;
    -*) ;;
    *) command=${command:-$word} ;;
    esac
  done
  case $command:$prev in
@VALUES@  esac
  if [[ -z $command ]]; then
    if [[ $cur == -* ]]; then
      _@T@_words "$globals"
    else
      _@T@_words "$commands"
    fi
    return
  fi
  if [[ $cur == -* ]]; then
    case $command in
@OPTIONS@    esac
    _@T@_words "$options $globals"
    return
  fi
  case $command in
@OPERANDS@  esac
}

complete -F _@T@ @T@
)sh";
  auto text = replace_all(script, "@T@", name);
  text = replace_all(text, "@COMMANDS@", commands);
  text = replace_all(text, "@GLOBALS@", all_names(globals));
  text = replace_all(text, "@VALUES@", values);
  text = replace_all(text, "@OPTIONS@", options);
  return replace_all(text, "@OPERANDS@", operands);
}

std::string zsh_completion(const Tool& tool) {
  const auto& name = tool.name;
  std::string globals;
  for (const auto& option : global_options())
    globals += " \\\n" + zsh_option(name, option);
  std::string commands;
  std::string cases;
  for (const auto& [command, invocation] : entries_of(tool)) {
    const auto& verb = command->doc.name;
    commands += fmt::format("    '{}:{}'\n", verb, zsh_quoted(command->doc.summary));
    if (verb == "help") {
      cases += "  help)\n    _describe -t commands command commands\n    ;;\n";
    } else {
      cases += fmt::format("  {})\n    _arguments -s -S $globals{}\n    ;;\n", verb,
                           zsh_arguments(name, invocation->binder()));
    }
  }
  const std::string script = R"sh(#compdef @T@
# Generated by '@T@ --generate zsh'; do not edit.

_@T@_ids() {
  local -a ids where
  [[ -n ${opt_args[-C]} ]] && where=(-C ${(Q)opt_args[-C]})
  [[ -n ${opt_args[--dir]} ]] && where=(-C ${(Q)opt_args[--dir]})
  ids=(${(f)"$(@T@ $where list --ids 2>/dev/null)"})
  compadd -a ids
}

_@T@() {
  local curcontext=$curcontext state line ret=1
  typeset -A opt_args
  local -a commands globals
  commands=(
@COMMANDS@  )
  globals=(@GLOBALS@
  )
  _arguments -C -S $globals '1:command:->command' '*::argument:->argument' && ret=0
  case $state in
  command)
    _describe -t commands command commands && ret=0
    return ret
    ;;
  argument) ;;
  *) return ret ;;
  esac
  curcontext=${curcontext%:*:*}:@T@-$line[1]:
  case $line[1] in
@CASES@  esac
}

_@T@ "$@"
)sh";
  auto text = replace_all(script, "@T@", name);
  text = replace_all(text, "@COMMANDS@", commands);
  text = replace_all(text, "@GLOBALS@", replace_all(globals, " \\\n", "\n"));
  return replace_all(text, "@CASES@", cases);
}

namespace {

constexpr std::string_view k_fish_head = R"sh(# fish completion for @T@
# Generated by '@T@ --generate fish'; do not edit.

# The first word that is neither an option nor the value of a global one.
function __@T@_command
    set -l words (commandline -opc)
    set -e words[1]
    set -l skip 0
    for word in $words
        if test $skip = 1
            set skip 0
            continue
        end
        switch $word
            case -C --dir --color
                set skip 1
            case '-*'
            case '*'
                echo $word
                return 0
        end
    end
    return 1
end

function __@T@_needs_command
    not __@T@_command >/dev/null
end

function __@T@_uses
    set -l command (__@T@_command)
    and test $command = $argv[1]
end

function __@T@_ids
    @T@ list --ids 2>/dev/null
end

complete -c @T@ -f
complete -c @T@ -n '__@T@_uses help' -a '@COMMANDS@'
)sh";

}  // namespace

std::string fish_completion(const Tool& tool) {
  const auto& name = tool.name;
  std::string commands;
  std::string text;
  for (const auto& [command, invocation] : entries_of(tool)) {
    const auto& verb = command->doc.name;
    commands += (commands.empty() ? "" : " ") + verb;
    text += fmt::format("complete -c {} -n __{}_needs_command -a {} -d {}\n", name, name, verb,
                        fish_quoted(command->doc.summary));
    const auto condition = fmt::format(" -n '__{}_uses {}'", name, verb);
    for (const auto& option : invocation->binder().options())
      text += fish_option(name, condition, option);
    for (const auto& operand : invocation->binder().operands()) {
      if (operand.complete == Complete::none && operand.choices.empty()) continue;
      text += "complete -c " + name + condition +
              fish_action(name, operand.complete, operand.choices) + "\n";
    }
  }
  for (const auto& option : global_options())
    text += fish_option(name, "", option);
  return replace_all(replace_all(std::string(k_fish_head), "@T@", name), "@COMMANDS@", commands) +
         text;
}

}  // namespace core::cli
