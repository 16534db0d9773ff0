// SPDX-License-Identifier: MIT
#include "tools/offq/run_config.hpp"

#include <utility>

#include <fmt/core.h>

#include "libcore/cli/record.hpp"
#include "tools/offq/names.hpp"
#include "tools/offq/settings.hpp"

namespace offq {
namespace {

core::cli::Record record_of(const core::config::Setting& setting, Origin origin) {
  core::cli::Record record;
  record.add("key", setting.key).add("value", setting.value);
  if (origin == Origin::yes) record.add("origin", setting.origin);
  return record;
}

// In a table of its own width, so that `offq config show | grep` finds whole lines.
std::string line_of(const core::config::Setting& setting, Origin origin) {
  const auto line = fmt::format("{}: {}", setting.key, setting.value);
  return origin == Origin::no ? line : fmt::format("{:<40} {}", line, setting.origin);
}

Result<ExitCode> show(Context& context, const ConfigOptions& options) {
  TRY_ASSIGN(const auto config, load_settings(context));
  for (const auto& setting : config.settings) {
    const bool as_json = options.format == Format::json;
    context.out.write(
        (as_json ? record_of(setting, options.origin).json() : line_of(setting, options.origin)) +
        "\n");
  }
  return ExitCode::ok;
}

// All problems, not only the first one.
Result<ExitCode> check(Context& context) {
  const auto loaded = core::config::examine_config(settings_sources(context));
  if (loaded.problems.empty()) return ExitCode::ok;
  for (const auto& problem : loaded.problems)
    context.complain(problem);
  return core::cli::exit_code(loaded.problems.front().code);
}

// The strongest first, whether they exist or not.
Result<ExitCode> print_paths(Context& context) {
  for (const auto& path : core::config::config_files(settings_sources(context)))
    context.out.write(path + "\n");
  return ExitCode::ok;
}

}  // namespace

Result<ExitCode> run_config(Context& context, const ConfigOptions& options) {
  switch (options.action) {
    case ConfigAction::show:
      return show(context, options);
    case ConfigAction::check:
      return check(context);
    case ConfigAction::path:
      return print_paths(context);
  }
  return ExitCode::ok;
}

}  // namespace offq
