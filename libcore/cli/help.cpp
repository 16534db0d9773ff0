// SPDX-License-Identifier: MIT
#include "libcore/cli/help.hpp"

#include <algorithm>
#include <utility>

#include <fmt/core.h>

#include "libcore/base/text.hpp"
#include "libcore/cli/global_options.hpp"

namespace core::cli {
namespace {

constexpr std::size_t k_widest_page = 100;

std::string heading(std::string_view text, const Page& page) {
  return "\n" + bold(std::string(text) + ":", page) + "\n";
}

std::string option_section(std::string_view title, const std::vector<Option>& options,
                           const Page& page) {
  if (options.empty()) return {};
  std::vector<Definition> list;
  list.reserve(options.size());
  for (const auto& option : options)
    list.push_back({option_term(option, AlignShort::yes), option_text(option)});
  return heading(title, page) + definitions(list, page);
}

std::string operand_section(const std::vector<Operand>& operands, const Page& page) {
  if (operands.empty()) return {};
  std::vector<Definition> list;
  for (const auto& operand : operands)
    list.push_back({operand.name, operand.help});
  return heading("Operands", page) + definitions(list, page);
}

std::string topic_section(std::string_view title, const std::vector<Topic>& topics,
                          const Page& page) {
  if (topics.empty()) return {};
  std::vector<Definition> list;
  for (const auto& topic : topics)
    list.push_back({topic.name, topic.meaning});
  return heading(title, page) + definitions(list, page);
}

std::string example_section(const std::vector<Example>& examples, const Page& page) {
  if (examples.empty()) return {};
  std::string text = heading("Examples", page);
  for (std::size_t i = 0; i < examples.size(); ++i) {
    if (i > 0) text += '\n';
    text += paragraphs(examples[i].explanation, 2, page);
    text += "  $ " + bold(examples[i].command, page) + "\n";
  }
  return text;
}

std::string exit_section(const Doc& doc, const Page& page) {
  std::vector<Definition> list;
  for (const auto& [code, text] : exit_codes_of(doc))
    list.push_back({fmt::format("{:>3}", static_cast<int>(code)), text});
  return heading("Exit codes", page) + definitions(list, page);
}

std::string see_also_section(const std::vector<std::string>& pages, const Page& page) {
  if (pages.empty()) return {};
  std::string list;
  for (const auto& name : pages)
    list += (list.empty() ? "" : ", ") + name;
  return heading("See also", page) + paragraphs(list, 2, page);
}

std::string global_section(const Page& page) {
  Binder binder;
  GlobalOptions options;
  bind_global(binder, options);
  return option_section("Global options", binder.options(), page);
}

Result<ExitCode> run_help(Context& context, const HelpOptions& options) {
  const auto& tool = *context.tool;
  if (!options.command) {
    context.out.write(tool_help(tool, page_of(context)));
    return ExitCode::ok;
  }
  const auto* command = tool.find(*options.command);
  if (command == nullptr) {
    return fail(Errc::usage, fmt::format("unknown command '{}'", printable(*options.command)));
  }
  context.out.write(command_help(tool, *command, page_of(context)));
  return ExitCode::ok;
}

void bind_help(Binder& binder, HelpOptions& options) {
  binder.operand("COMMAND", "The command to explain.", options.command);
}

}  // namespace

Page page_of(const Context& context) {
  const auto width = static_cast<std::size_t>(std::max(context.terminal.width, 40));
  return {.width = std::min(width, k_widest_page), .color = context.out_color};
}

std::string usage_line(const Tool& tool, const Command& command, const Binder& binder) {
  std::string line = tool.name + " " + command.doc.name;
  if (!binder.options().empty()) line += " [OPTION...]";
  for (const auto& operand : binder.operands()) {
    const auto& name = operand.name;
    switch (operand.presence) {
      case Presence::required:
        line += " " + name;
        break;
      case Presence::optional:
        line += " [" + name + "]";
        break;
      case Presence::repeated:
        line += " [" + name + "...]";
        break;
    }
  }
  return line;
}

std::string option_term(const Option& option, AlignShort align) {
  const auto short_name = option.short_name();
  const auto long_name = option.long_name();
  std::string term;
  if (!short_name.empty()) {
    term = short_name == long_name ? long_name : short_name + ", " + long_name;
  } else {
    term = (align == AlignShort::yes ? "    " : "") + long_name;
  }
  if (option.takes == Takes::value) term += " " + option.value_name;
  if (option.takes == Takes::optional_value) term += " [" + option.value_name + "]";
  return term;
}

std::string option_text(const Option& option) {
  std::string text = option.help;
  const bool unsaid = option.choices_are == Choices::enforced &&
                      text.find(option.choices.back()) == std::string::npos;
  if (unsaid) {
    std::string list;
    for (const auto& choice : option.choices)
      list += (list.empty() ? "" : ", ") + choice;
    text += " One of " + list + ".";
  }
  if (option.repeated == Repeated::yes) text += " May be repeated.";
  if (!option.default_text.empty()) text += " Default: " + option.default_text + ".";
  return text;
}

std::vector<ExitMeaning> exit_codes_of(const Doc& doc) {
  auto codes = doc.exit_codes;
  for (const auto code : {ExitCode::ok, ExitCode::usage}) {
    const bool documented = std::ranges::any_of(
        codes, [&](const ExitMeaning& documented_code) { return documented_code.code == code; });
    if (!documented) codes.push_back({.code = code});
  }
  std::ranges::sort(codes, {}, &ExitMeaning::code);
  const bool answers = std::ranges::find(codes, ExitCode::no, &ExitMeaning::code) != codes.end();
  for (auto& [code, text] : codes) {
    if (text.empty()) text = code == ExitCode::ok && !answers ? "Done." : meaning(code);
  }
  return codes;
}

std::string command_help(const Tool& tool, const Command& command, const Page& page) {
  const auto invocation = command.prepare();
  const auto& binder = invocation->binder();
  const auto& doc = command.doc;
  std::string text = bold(fmt::format("{} {}", tool.name, doc.name), page) + " - " + doc.summary +
                     "\n" + heading("Usage", page) + "  " + usage_line(tool, command, binder) +
                     "\n\n" + paragraphs(doc.description, 0, page);
  text += operand_section(binder.operands(), page);
  text += option_section("Options", binder.options(), page);
  text += global_section(page);
  text += example_section(doc.examples, page);
  text += topic_section("Environment", doc.environment, page);
  text += topic_section("Files", doc.files, page);
  text += exit_section(doc, page);
  text += see_also_section(doc.see_also, page);
  return text;
}

std::string tool_help(const Tool& tool, const Page& page) {
  std::string text = bold(tool.name, page) + " - " + tool.summary + "\n" + heading("Usage", page) +
                     "  " + tool.name + " [GLOBAL OPTION...] COMMAND [ARGUMENT...]\n\n" +
                     paragraphs(tool.description, 0, page);
  std::vector<std::string> groups;
  for (const auto& command : tool.commands) {
    if (std::ranges::find(groups, command.doc.group) == groups.end()) {
      groups.push_back(command.doc.group);
    }
  }
  // One list for all groups, cut apart afterwards, would let every group line up; padding the
  // names to the longest of all does the same.
  std::size_t longest = 0;
  for (const auto& command : tool.commands)
    longest = std::max(longest, command.doc.name.size());
  for (const auto& group : groups) {
    std::vector<Definition> list;
    for (const auto& command : tool.commands) {
      const auto& doc = command.doc;
      if (doc.group != group) continue;
      list.push_back({doc.name + std::string(longest - doc.name.size(), ' '), doc.summary});
    }
    if (!list.empty()) text += heading(group, page) + definitions(list, page);
  }
  text += global_section(page);
  text += example_section(tool.examples, page);
  text += topic_section("Environment", tool.environment, page);
  text += see_also_section(tool.see_also, page);
  text += fmt::format("\nMore about one command: {} help COMMAND\n", tool.name);
  return text;
}

Command help_command(Example example) {
  return Declaration<HelpOptions>{
      .doc = {.name = "help",
              .summary = "Explain a command, or list them all",
              .description = "Shows the commands, or everything about one of them: options, "
                             "examples and exit codes.",
              .group = "Setup",
              .examples = {std::move(example)}},
      .bind = bind_help}
      .with(run_help);
}

}  // namespace core::cli
