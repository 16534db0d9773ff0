// SPDX-License-Identifier: MIT
#include "libcore/cli/config_command.hpp"

namespace core::cli {
namespace {

void bind(Binder& b, ConfigOptions& o) {
  b.operand("ACTION",
            "Show the settings, get the value of one, check the files, or print where they are: "
            "show, get, check or path.",
            o.action);
  b.operand("KEY", "With get: which one. With show: only it, or those of its section.", o.key);
  b.flag("--origin", "With `show`: say where each setting comes from.", o.origin);
  b.flag("--json", "Print one JSON object per setting.", o.format, Format::json);
}

Result<> check(const ConfigOptions& o) {
  if (o.action == ConfigAction::get && !o.key) return fail(Errc::usage, "config get wants a KEY");
  if (o.key && o.action != ConfigAction::get && o.action != ConfigAction::show) {
    return fail(Errc::usage, "KEY is for show and get");
  }
  if (o.origin == Origin::yes && o.action != ConfigAction::show) {
    return fail(Errc::usage, "--origin is for show");
  }
  return {};
}

}  // namespace

Declaration<ConfigOptions> config_command(const std::string& program, const std::string& key) {
  return {.doc = {.name = "config",
                  .summary = "Show the settings in force, or check them",
                  .description =
                      "Settings come from options, the environment, `config.yaml` of the queue, "
                      "`~/.config/offkit/config.yaml` and `/etc/offkit/config.yaml`; the first one "
                      "that has a value decides. Secrets are shown as the words that refer to "
                      "them.",
                  .group = "Setup",
                  .examples = {{program + " config show --origin", "Which value comes from where?"},
                               {program + " config get " + key, "In a script:"},
                               {program + " config check", "Is there a mistake in the files?"}},
                  .exit_codes = {{ExitCode::not_found, "There is no such setting."},
                                 {ExitCode::io, {}},
                                 {ExitCode::denied, {}},
                                 {ExitCode::config,
                                  "A file has a mistake; the message names file and line."}},
                  .see_also = {"offkit.conf(5)", "offkit(7)"}},
          .bind = bind,
          .program = {},
          .check = check};
}

}  // namespace core::cli
