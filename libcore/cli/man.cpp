// SPDX-License-Identifier: MIT
#include "libcore/cli/man.hpp"

#include <array>

#include <fmt/core.h>

#include "libcore/base/text.hpp"
#include "libcore/cli/global_options.hpp"
#include "libcore/cli/help.hpp"

namespace core::cli {
namespace {

constexpr std::size_t k_line = 72;

// Text that no macro and no escape can be mistaken for. A minus is written \- so that options can
// be copied from the page.
std::string escaped(std::string_view text) {
  std::string result;
  bool code = false;
  for (const char c : text) {
    switch (c) {
      case '\\':
        result += "\\e";
        break;
      case '-':
        result += "\\-";
        break;
      case '`':
        code = !code;
        result += code ? "\\fB" : "\\fR";
        break;
      default:
        result += c;
    }
  }
  return result;
}

std::string line_of(std::string_view text) {
  const bool special = text.starts_with('.') || text.starts_with('\'');
  return (special ? "\\&" : "") + std::string(text) + "\n";
}

// mdoc wants every sentence to begin a line, and lines to be short.
std::string prose(std::string_view text) {
  std::string result;
  std::string line;
  // As a whole, for `code` may be of several words.
  const auto whole = escaped(text);
  const auto words = split(whole, ' ');
  for (std::size_t i = 0; i < words.size(); ++i) {
    const auto word = words[i];
    if (!line.empty() && line.size() + 1 + word.size() > k_line) {
      result += line_of(line);
      line.clear();
    }
    if (!line.empty()) line += ' ';
    line += word;
    const bool ends_sentence =
        (word.ends_with('.') || word.ends_with('?') || word.ends_with(".)")) &&
        i + 1 < words.size();
    if (ends_sentence) {
      result += line_of(line);
      line.clear();
    }
  }
  if (!line.empty()) result += line_of(line);
  return result;
}

std::string description(std::string_view text) {
  std::string result;
  while (!text.empty()) {
    const auto gap = text.find("\n\n");
    if (!result.empty()) result += ".Pp\n";
    result += prose(text.substr(0, gap));
    text = gap == std::string_view::npos ? std::string_view{} : text.substr(gap + 2);
  }
  return result;
}

// "Fl n , -limit Ar N": Fl puts the first dash.
std::string option_macro(const Option& option) {
  std::string text;
  for (const auto name : split(option.names, ',')) {
    text += text.empty() ? "Fl " : " , ";
    text += escaped(name.substr(1));
  }
  if (option.takes == Takes::value) text += " Ar " + escaped(option.value_name);
  if (option.takes == Takes::optional_value) text += " Op Ar " + escaped(option.value_name);
  return text;
}

std::string option_list(const std::vector<Option>& options) {
  if (options.empty()) return {};
  std::string text = ".Bl -tag -width Ds\n";
  for (const auto& option : options)
    text += ".It " + option_macro(option) + "\n" + prose(option_text(option));
  return text + ".El\n";
}

std::string topic_list(const std::vector<Topic>& topics, std::string_view macro) {
  std::string text = ".Bl -tag -width Ds\n";
  for (const auto& topic : topics)
    text += fmt::format(".It {} {}\n", macro, escaped(topic.name)) + prose(topic.meaning);
  return text + ".El\n";
}

std::string example_list(const std::vector<Example>& examples) {
  std::string text;
  for (const auto& example : examples) {
    if (!text.empty()) text += ".Pp\n";
    text += prose(example.explanation) + ".Dl " + escaped(example.command) + "\n";
  }
  return text;
}

// As it stands.
std::string literal(std::string_view lines) {
  std::string text = ".Bd -literal\n";
  for (const auto line : split(lines, '\n'))
    text += line_of(escaped(line));
  return text + ".Ed\n";
}

std::string exit_list(const std::vector<ExitMeaning>& codes) {
  std::string text = ".Bl -tag -width Ds -compact\n";
  for (const auto& [code, meaning] : codes)
    text += fmt::format(".It {}\n", static_cast<int>(code)) + prose(meaning);
  return text + ".El\n";
}

std::string synopsis(const Tool& tool, const Command& command, const Binder& binder) {
  std::string text = fmt::format(".D1 Nm {} Cm {}", tool.name, command.doc.name);
  if (!binder.options().empty()) text += " Oo Ar option ... Oc";
  for (const auto& operand : binder.operands()) {
    const auto name = escaped(operand.name);
    switch (operand.presence) {
      case Presence::required:
        text += " Ar " + name;
        break;
      case Presence::optional:
        text += " Oo Ar " + name + " Oc";
        break;
      case Presence::repeated:
        text += " Oo Ar " + name + " ... Oc";
        break;
    }
  }
  return text + "\n";
}

std::string command_section(const Tool& tool, const Command& command) {
  const auto invocation = command.prepare();
  const auto& binder = invocation->binder();
  const auto& doc = command.doc;
  std::string text = ".Ss " + escaped(doc.name) + "\n" + prose(doc.summary + ".") +
                     synopsis(tool, command, binder) + ".Pp\n" + description(doc.description);
  if (!binder.operands().empty() || !binder.options().empty()) text += ".Bl -tag -width Ds\n";
  for (const auto& operand : binder.operands())
    text += ".It Ar " + escaped(operand.name) + "\n" + prose(operand.help);
  for (const auto& option : binder.options())
    text += ".It " + option_macro(option) + "\n" + prose(option_text(option));
  if (!binder.operands().empty() || !binder.options().empty()) text += ".El\n";
  if (!doc.environment.empty()) {
    text += ".Pp\nEnvironment:\n" + topic_list(doc.environment, "Ev");
  }
  if (!doc.files.empty()) text += ".Pp\nFiles:\n" + topic_list(doc.files, "Pa");
  if (!doc.examples.empty()) text += ".Pp\nExamples:\n.Pp\n" + example_list(doc.examples);
  return text + ".Pp\nExit codes:\n.Pp\n" + exit_list(exit_codes_of(doc));
}

// "2026-11-21" -> "November 21, 2026"
std::string long_date(const std::string& date) {
  static constexpr std::array<std::string_view, 12> k_months{
      "January", "February", "March",     "April",   "May",      "June",
      "July",    "August",   "September", "October", "November", "December"};
  const auto parts = split(date, '-');
  const auto month = parts.size() == 3 ? parse_unsigned(parts[1]).value_or(0) : 0;
  const auto day = parts.size() == 3 ? parse_unsigned(parts[2]).value_or(0) : 0;
  if (month < 1 || month > k_months.size()) return date;
  return fmt::format("{} {}, {}", k_months[month - 1], day, parts[0]);
}

// "offq-queue(5)" -> ".Xr offq-queue 5"
std::string cross_references(const std::vector<std::string>& pages) {
  std::string text;
  for (std::size_t i = 0; i < pages.size(); ++i) {
    const auto open = pages[i].find('(');
    const auto section = open == std::string::npos ? "1" : pages[i].substr(open + 1, 1);
    text += fmt::format(".Xr {} {}{}\n", pages[i].substr(0, open), section,
                        i + 1 < pages.size() ? " ," : "");
  }
  return text;
}

std::vector<ExitMeaning> all_exit_codes() {
  std::vector<ExitMeaning> codes;
  for (const auto code :
       {ExitCode::ok, ExitCode::no, ExitCode::usage, ExitCode::corrupt, ExitCode::not_found,
        ExitCode::unavailable, ExitCode::full, ExitCode::io, ExitCode::later, ExitCode::denied,
        ExitCode::config, ExitCode::timeout, ExitCode::interrupted, ExitCode::terminated}) {
    codes.push_back({.code = code, .meaning = std::string(meaning(code))});
  }
  return codes;
}

}  // namespace

std::string man_page(const Tool& tool) {
  Binder global;
  GlobalOptions global_options;
  bind_global(global, global_options);
  std::string text = fmt::format(
      ".\\\" Generated by '{0} --generate man'; do not edit.\n.Dd {1}\n.Dt {2} 1\n.Os\n"
      ".Sh NAME\n.Nm {0}\n.Nd {3}\n.Sh SYNOPSIS\n.Nm\n.Op Ar global option ...\n.Ar command\n"
      ".Op Ar argument ...\n.Sh DESCRIPTION\n",
      tool.name, long_date(tool.date), to_upper(tool.name), tool.summary);
  text += description(tool.description);
  text += ".Ss Global options\nThese may stand before or after the command.\n" +
          option_list(global.options());
  text += ".Sh COMMANDS\n";
  for (const auto& command : tool.commands) {
    text += command_section(tool, command);
  }
  if (!tool.environment.empty()) text += ".Sh ENVIRONMENT\n" + topic_list(tool.environment, "Ev");
  if (!tool.files.empty()) text += ".Sh FILES\n" + topic_list(tool.files, "Pa");
  text += ".Sh EXIT STATUS\n" + exit_list(all_exit_codes());
  if (!tool.examples.empty()) text += ".Sh EXAMPLES\n" + example_list(tool.examples);
  for (const auto& script : tool.scripts)
    text += ".Pp\n" + prose(script.explanation) + literal(script.command);
  if (!tool.see_also.empty()) text += ".Sh SEE ALSO\n" + cross_references(tool.see_also);
  return text;
}

}  // namespace core::cli
