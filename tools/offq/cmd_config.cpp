// SPDX-License-Identifier: MIT
#include "tools/offq/cmd_config.hpp"

namespace offq {
namespace {

void bind(core::cli::Binder& b, ConfigOptions& o) {
  b.operand("ACTION",
            "Show the settings, check the files, or print where they are: show, check or path.",
            o.action);
  b.flag("--origin", "With `show`: say where each setting comes from.", o.origin);
  b.flag("--json", "Print one JSON object per setting.", o.format, core::cli::Format::json);
}

}  // namespace

core::cli::Declaration<ConfigOptions> config_command() {
  using core::cli::ExitCode;
  return {
      .doc = {.name = "config",
              .summary = "Show the settings in force, or check them",
              .description =
                  "Settings come from options, the environment, `config.yaml` of the queue, "
                  "`~/.config/offkit/config.yaml` and `/etc/offkit/config.yaml`; the first one "
                  "that has a value decides. Secrets are shown as the words that refer to them.",
              .group = "Setup",
              .examples = {{"offq config show --origin", "Which value comes from where?"},
                           {"offq config check", "Is there a mistake in the files?"}},
              .exit_codes = {{ExitCode::io, {}},
                             {ExitCode::denied, {}},
                             {ExitCode::config,
                              "A file has a mistake; the message names file and line."}},
              .see_also = {"offkit(7)"}},
      .bind = bind};
}

}  // namespace offq
