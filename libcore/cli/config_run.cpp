// SPDX-License-Identifier: MIT
// The code of the command `config`; apart from its surface, which programs list that run another
// one for it.

#include <utility>
#include <vector>

#include <fmt/core.h>

#include "libcore/base/text.hpp"
#include "libcore/cli/config_command.hpp"
#include "libcore/cli/record.hpp"
#include "libcore/cli/settings.hpp"

namespace core::cli {
namespace {

Record record_of(const config::Setting& setting, Origin origin) {
  Record record;
  record.add("key", setting.key).add("value", setting.value);
  if (origin == Origin::yes) record.add("origin", setting.origin);
  return record;
}

// In a table of its own width, so that `offq config show | grep` finds whole lines.
std::string line_of(const config::Setting& setting, Origin origin) {
  const auto line = fmt::format("{}: {}", setting.key, setting.value);
  return origin == Origin::no ? line : fmt::format("{:<40} {}", line, setting.origin);
}

tl::unexpected<Error> no_such_setting(const config::Config& config, const std::string& key) {
  std::vector<std::string_view> keys;
  for (const auto& setting : config.settings)
    keys.emplace_back(setting.key);
  const auto near = nearest(key, keys);
  return fail(Errc::not_found, fmt::format("config: no such setting: '{}'{}", printable(key, 60),
                                           near ? fmt::format(": did you mean '{}'?", *near) : ""));
}

Result<ExitCode> show(Context& context, const ConfigOptions& options) {
  TRY_ASSIGN(const auto config, load_settings(context));
  bool is_found = !options.key;
  for (const auto& setting : config.settings) {
    if (options.key && setting.key != *options.key &&
        !setting.key.starts_with(*options.key + ".")) {
      continue;
    }
    is_found = true;
    const bool as_json = options.format == Format::json;
    context.out.write(
        (as_json ? record_of(setting, options.origin).json() : line_of(setting, options.origin)) +
        "\n");
  }
  if (!is_found) return no_such_setting(config, *options.key);
  return ExitCode::ok;
}

Result<ExitCode> get(Context& context, const ConfigOptions& options) {
  TRY_ASSIGN(const auto config, load_settings(context));
  for (const auto& setting : config.settings) {
    if (setting.key != *options.key) continue;
    context.out.write(
        (options.format == Format::json ? record_of(setting, Origin::yes).json() : setting.value) +
        "\n");
    return ExitCode::ok;
  }
  return no_such_setting(config, *options.key);
}

// All problems, not only the first one.
Result<ExitCode> check(Context& context) {
  const auto loaded = config::examine_config(settings_sources(context));
  if (loaded.problems.empty()) return ExitCode::ok;
  for (const auto& problem : loaded.problems)
    context.complain(problem);
  return exit_code(loaded.problems.front().code);
}

// The strongest first, whether they exist or not.
Result<ExitCode> print_paths(Context& context) {
  for (const auto& path : config::config_files(settings_sources(context)))
    context.out.write(path + "\n");
  return ExitCode::ok;
}

}  // namespace

Result<ExitCode> run_config(Context& context, const ConfigOptions& options) {
  switch (options.action) {
    case ConfigAction::show:
      return show(context, options);
    case ConfigAction::get:
      return get(context, options);
    case ConfigAction::check:
      return check(context);
    case ConfigAction::path:
      return print_paths(context);
  }
  return ExitCode::ok;
}

}  // namespace core::cli
