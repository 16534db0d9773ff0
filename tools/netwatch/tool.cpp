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
namespace {

constexpr const char* k_fallback = R"(#!/bin/sh
# send-report FILE: whole, in short or later, as the network allows.
url=https://api.example.com/reports

send() { curl -fsS --max-time 30 -o /dev/null --data-binary "@$1" "$url"; }
later() { offq enqueue --data-binary "@$1" "$url" > /dev/null; }

netwatch check --quiet --max-age 1m > /dev/null  # look, if nobody just has
case $? in
  0 | 1) ;;                              # what was found is published
  *) later "$1"; exit ;;                 # nobody knows; a message says why
esac

if netwatch is online; then              # act on the mode, not on the state
  netwatch is metered
  if [ $? -eq 1 ]; then                  # no: bytes are free
    send "$1" || later "$1"
    exit
  fi
  size=$(wc -c < "$1")                   # yes (0), or nobody knows (75)
  case $(netwatch budget can-send "$size" --summary 1KB) in
    yes*)
      if send "$1"; then netwatch budget spend "$size"; else later "$1"; fi
      ;;
    summary*)                            # now the beginning, the rest later
      head -c 500 "$1" > "$1.short"
      send "$1.short" && netwatch budget spend 1KB
      later "$1"
      ;;
    later*) later "$1" ;;                # when a day or a month begins
    *) echo "$1: more than the budget ever allows" >&2; exit 1 ;;
  esac
elif netwatch is limited; then           # a login page, or the API fails:
  cp "$1" /srv/outbox                    # do what needs no Internet
else
  later "$1"
fi)";

constexpr const char* k_reconnect = R"(#!/bin/sh
offq sync --quiet || [ $? -eq 75 ])";

}  // namespace

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
      .scripts = {{k_fallback,
                   "A script that makes the best of the network, from a crontab, without a daemon "
                   "(where one runs, it is asked). The crontab has `*/5 * * * * send-report FILE`. "
                   "`budget can-send` says yes where there is no limit:"},
                  {k_reconnect,
                   "What was kept is sent as soon as the network is back by this program, which is "
                   "`hooks/on-online` in the queue directory and has mode 700. Whoever looks at "
                   "the network runs it, be it the daemon or, as here, the script above by its "
                   "`netwatch check`; 75 is no failure, but \"not now\". What was kept while the "
                   "network stayed online, because the server failed or the budget was used up, "
                   "is sent by a line of the crontab, `* * * * * offq sync --quiet`, which may "
                   "also do without the hook:"}},
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
      .see_also = {"offq(1)", "offkit-network(5)", "offkit.conf(5)", "offkit(7)"}};
}

}  // namespace netwatch
