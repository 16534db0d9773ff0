// SPDX-License-Identifier: MIT
#include "libcore/cli/global_options.hpp"

#include "libcore/sys/paths.hpp"

namespace core::cli {
namespace {

std::string find_directory(const GlobalOptions& options, const sys::Environment& environment) {
  if (options.directory) return *options.directory;
  for (const auto* name : {"OFFQ_DIR", "CEMAF_OFFLINE_STORAGE_PATH"}) {
    if (auto value = environment.value_or_nothing(name)) return *std::move(value);
  }
  const auto state = sys::state_directory(environment);
  return state ? sys::join_path(*state, "offq") : std::string{};
}

}  // namespace

void bind_global(Binder& binder, GlobalOptions& options) {
  binder.option("-C,--dir", "DIR", "Use the queue in DIR.", options.directory,
                {.complete = Complete::directory});
  binder.option("--color", "WHEN", "Use colours: auto, always or never.", options.color);
  binder.flag("-v,--verbose", "Explain decisions.", options.verbosity, Verbosity::verbose);
  binder.flag("-q,--quiet", "Print no warnings and no progress.", options.verbosity,
              Verbosity::quiet);
  binder.flag("-h,--help", "Show help.", options.asked, Asked::help);
  binder.flag("--version", "Show the version.", options.asked, Asked::version);
}

Result<> check_global(const GlobalOptions& options) {
  if (!options.directory || !options.directory->empty()) return {};
  return fail(Errc::usage, "--dir is empty");
}

void apply_global(const GlobalOptions& options, Context& context) {
  const bool wanted =
      context.terminal.has_colour && !context.environment.value_or_nothing("NO_COLOR");
  const auto decide = [&](const bool is_terminal) {
    const bool automatic = options.color == When::automatic && wanted && is_terminal;
    return automatic || options.color == When::always ? Color::yes : Color::no;
  };
  context.out_color = decide(context.terminal.out_is_terminal);
  context.err_color = decide(context.terminal.err_is_terminal);
  context.verbosity = options.verbosity;
  context.given_directory = options.directory;
  context.directory = find_directory(options, context.environment);
}

}  // namespace core::cli
