// SPDX-License-Identifier: MIT
#include "tools/netwatch/tool.hpp"

#include <utility>

#include "libcore/cli/help.hpp"
#include "tools/netwatch/cmd_budget.hpp"
#include "tools/netwatch/cmd_check.hpp"
#include "tools/netwatch/cmd_daemon.hpp"
#include "tools/netwatch/cmd_doctor.hpp"
#include "tools/netwatch/cmd_explain.hpp"
#include "tools/netwatch/cmd_history.hpp"
#include "tools/netwatch/cmd_hook.hpp"
#include "tools/netwatch/cmd_init.hpp"
#include "tools/netwatch/cmd_is.hpp"
#include "tools/netwatch/cmd_mode.hpp"
#include "tools/netwatch/cmd_pace.hpp"
#include "tools/netwatch/cmd_probe.hpp"
#include "tools/netwatch/cmd_run.hpp"
#include "tools/netwatch/cmd_simulate.hpp"
#include "tools/netwatch/cmd_wait.hpp"
#include "tools/netwatch/cmd_watch.hpp"

namespace netwatch {

std::vector<core::cli::Command> all_commands(std::vector<core::cli::Command> with_code) {
  std::vector<core::cli::Command> surfaces{
      check_command(),    is_command(),
      wait_command(),     run_command(),
      watch_command(),    explain_command(),
      history_command(),  mode_command(),
      hook_command(),     budget_command(),
      pace_command(),     probe_command(),
      simulate_command(), daemon_command(),
      doctor_command(),   init_command(),
      config_command(),   core::cli::help_command({"netwatch help is", "What can be asked?"}),
  };
  return core::cli::with_code(std::move(surfaces), std::move(with_code));
}

core::cli::Declaration<core::cli::ConfigOptions> config_command() {
  return core::cli::config_command("netwatch", "network.interval");
}

core::cli::Tool tool_with(std::vector<core::cli::Command> commands) {
  return {
      .name = "netwatch",
      .summary = "the truth about the network, for scripts",
      .description =
          "Looks at the network, as a daemon or from a crontab, and says in one line of text in "
          "the queue directory whether it is `connected`, `limited` or `disconnected`, and why. "
          "Any "
          "shell can read it, and a script that writes it as offkit-network(5) says is believed. "
          "Nobody outside is asked who is not named in the configuration.",
      .version = OFFKIT_VERSION,
      .date = OFFKIT_RELEASE_DATE,
      .commands = std::move(commands),
      .examples = {{"netwatch check", "What is it?"},
                   {"netwatch is online && offq sync", "In a script:"}},
      .environment = {{"OFFQ_DIR", "The queue directory; `--dir` wins over it."},
                      {"CEMAF_OFFLINE_STORAGE_PATH",
                       "The queue directory, if OFFQ_DIR is not set."},
                      {"XDG_STATE_HOME",
                       "Where the queue is otherwise: `$XDG_STATE_HOME/offq`, by default "
                       "`~/.local/state/offq`."},
                      {"OFFKIT_LIBEXEC", "Directory of the helper programs."},
                      {"NO_COLOR", "No colours when set; `--color` wins over it."}},
      .files = {{"~/.local/state/offq/network", "What is published."},
                {"~/.config/offkit/config.yaml", "Settings of the user."},
                {"/etc/offkit/config.yaml", "Settings of the machine."}},
      .see_also = {"offq(1)", "offkit-network(5)", "offkit(7)"}};
}

}  // namespace netwatch
