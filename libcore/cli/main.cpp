// SPDX-License-Identifier: MIT
#include <algorithm>
#include <string>
#include <vector>

#include <unistd.h>

#include <fmt/core.h>

#include "libcore/base/text.hpp"
#include "libcore/cli/complete.hpp"
#include "libcore/cli/global_options.hpp"
#include "libcore/cli/help.hpp"
#include "libcore/cli/man.hpp"
#include "libcore/cli/parse.hpp"
#include "libcore/cli/tool.hpp"
#include "libcore/sys/paths.hpp"
#include "libcore/sys/process.hpp"
#include "libcore/sys/signal.hpp"
#include "libcore/sys/stream.hpp"

namespace core::cli {
namespace {

using Words = std::span<const std::string>;

ExitCode report(Context& context, const Error& error) {
  context.complain(error);
  return exit_code(error.code);
}

ExitCode report_usage(Context& context, const Error& error, std::string_view command) {
  const auto code = report(context, error);
  context.err.print("try '{}{}{} --help'\n", context.program, command.empty() ? "" : " ", command);
  return code;
}

ExitCode generate(const Tool& tool, Words words, Context& context) {
  const std::string kind = words.empty() ? "" : words.front();
  if (kind == "man") {
    context.out.write(man_page(tool));
  } else if (kind == "settings" && tool.settings_page != nullptr) {
    context.out.write(tool.settings_page(tool.date));
  } else if (kind == "bash") {
    context.out.write(bash_completion(tool));
  } else if (kind == "zsh") {
    context.out.write(zsh_completion(tool));
  } else if (kind == "fish") {
    context.out.write(fish_completion(tool));
  } else {
    return report(context,
                  {.code = Errc::usage,
                   .message = "invalid value: --generate: not man, settings, bash, zsh or fish"});
  }
  return ExitCode::ok;
}

ExitCode become_helper(const Command& command, Words arguments, Context& context) {
  const auto path = helper_path(command.program, context.environment);
  if (!path) return report(context, path.error());
  auto error = sys::replace_process(*path, arguments);
  if (error.code == Errc::not_found) {
    error = {.code = Errc::unavailable,
             .message = fmt::format("cannot run '{}': {}: not installed (OFFKIT_LIBEXEC names the "
                                    "directory where helpers are)",
                                    command.doc.name, *path)};
  }
  return report(context, error);
}

Error unknown_command(const Tool& tool, const std::string& name) {
  std::vector<std::string_view> names;
  for (const auto& command : tool.commands)
    names.push_back(command.doc.name);
  const auto guess = nearest(name, names);
  return {.code = Errc::usage,
          .message = fmt::format("unknown command '{}'{}", printable(name, 60),
                                 guess ? fmt::format(": did you mean '{}'?", *guess) : "")};
}

// --help and --version; nullopt: go on.
std::optional<ExitCode> answer(const Tool& tool, const GlobalOptions& options,
                               const Command* command, Context& context) {
  switch (options.asked) {
    case Asked::nothing:
      return std::nullopt;
    case Asked::version:
      context.out.print("{} {}\n", tool.name, tool.version);
      break;
    case Asked::help:
      context.out.write(command == nullptr ? tool_help(tool, page_of(context))
                                           : command_help(tool, *command, page_of(context)));
      break;
  }
  return ExitCode::ok;
}

ExitCode run_command(const Tool& tool, const Command& command, Words words,
                     GlobalOptions& global_options, Context& context) {
  const auto& name = command.doc.name;
  Binder global;
  bind_global(global, global_options);
  const auto invocation = command.prepare();
  const auto& binder = invocation->binder();
  auto options = pointers_to(binder.options());
  std::ranges::copy(pointers_to(global.options()), std::back_inserter(options));

  const auto line = parse(options, words, Options::everywhere, name);
  if (!line) return report_usage(context, line.error(), name);
  if (const auto done = assign_options(*line, global.options()); !done) {
    return report_usage(context, done.error(), name);
  }
  if (const auto checked = check_global(global_options); !checked) {
    return report_usage(context, checked.error(), name);
  }
  apply_global(global_options, context);
  if (const auto answered = answer(tool, global_options, &command, context)) return *answered;

  const auto filled = [&]() -> Result<> {
    TRY(assign_options(*line, binder.options()));
    TRY(assign_operands(*line, binder.operands()));
    return invocation->check();
  }();
  if (!filled) return report_usage(context, filled.error(), name);
  const auto code = invocation->run(context);
  return code ? *code : report(context, code.error());
}

ExitCode dispatch(const Tool& tool, Words arguments, Context& context) {
  const auto words = arguments.subspan(1);
  if (!words.empty() && words.front() == "--generate") {
    return generate(tool, words.subspan(1), context);
  }
  GlobalOptions options;
  std::vector<std::string> rest(words.begin(), words.end());
  if (!words.empty() && words.front().starts_with('-')) {
    Binder global;
    bind_global(global, options);
    auto line = parse(pointers_to(global.options()), words, Options::leading, {});
    if (!line) return report_usage(context, line.error(), {});
    if (const auto done = assign_options(*line, global.options()); !done) {
      return report_usage(context, done.error(), {});
    }
    rest = std::move(line->operands);
  }
  if (const auto checked = check_global(options); !checked) {
    return report_usage(context, checked.error(), {});
  }
  apply_global(options, context);
  if (const auto answered = answer(tool, options, nullptr, context)) return *answered;
  if (rest.empty()) {
    context.err.write(tool_help(tool, {.width = page_of(context).width}));
    return ExitCode::usage;
  }
  const auto* command = tool.find(rest.front());
  if (command == nullptr) return report_usage(context, unknown_command(tool, rest.front()), {});
  if (!command->program.empty()) return become_helper(*command, arguments, context);
  return run_command(tool, *command, Words(rest).subspan(1), options, context);
}

}  // namespace

Result<std::string> helper_path(const std::string& program, const sys::Environment& environment) {
  if (const auto directory = environment.value_or_nothing("OFFKIT_LIBEXEC")) {
    return sys::join_path(*directory, program);
  }
  TRY_ASSIGN(const std::string self, sys::executable_path());
  return sys::join_path(sys::parent_path(sys::parent_path(self)), "libexec/offkit/" + program);
}

const Command* Tool::find(std::string_view wanted) const {
  const auto found = std::ranges::find_if(
      commands, [&](const Command& command) { return command.doc.name == wanted; });
  return found == commands.end() ? nullptr : &*found;
}

std::vector<Command> with_code(std::vector<Command> surfaces, std::vector<Command> complete) {
  for (auto& surface : surfaces) {
    const auto found =
        std::ranges::find(complete, surface.doc.name, [](const Command& c) { return c.doc.name; });
    if (found == complete.end()) continue;
    found->doc = std::move(surface.doc);
    surface = std::move(*found);
  }
  return surfaces;
}

ExitCode run(const Tool& tool, std::span<const std::string> arguments, Context& context) {
  context.tool = &tool;
  context.program = tool.name;
  const auto code = dispatch(tool, arguments, context);
  // A full disk behind `> file` shows only now; the data is not where the user wanted it.
  if (const auto flushed = context.out.flush(); !flushed) return report(context, flushed.error());
  return code;
}

int main(const Tool& tool, int argc, char** argv) {
  sys::hold_standard_streams();
  sys::ignore_broken_pipes();
  const std::vector<std::string> arguments(argv, argv + argc);
  FdOutput out(STDOUT_FILENO, "standard output", FdOutput::Buffering::full);
  FdOutput err(STDERR_FILENO, "standard error", FdOutput::Buffering::none);
  FdInput in(STDIN_FILENO, "standard input");
  const sys::SystemClock clock;
  sys::SystemRandom random;
  const sys::SystemEnvironment environment;
  Context context{.out = out,
                  .err = err,
                  .in = in,
                  .clock = clock,
                  .random = random,
                  .environment = environment,
                  .terminal = sys::inspect_terminal(environment)};
  if (context.terminal.out_is_terminal) err.follow(out);
  return static_cast<int>(run(tool, arguments, context));
}

}  // namespace core::cli
