// SPDX-License-Identifier: MIT
#include "tools/netwatch/cmd_run.hpp"

#include "libcore/cli/ends.hpp"

namespace netwatch {
namespace {

void bind(core::cli::Binder& b, RunOptions& o) {
  b.operand("COMMAND", "What to run, with its arguments; put -- before it.", o.command);
  b.option("--wait", "DURATION", "Wait up to DURATION until the mode is online.", o.wait);
  b.option("--need", "SIZE", "Run it only when the budget has so much left, too.", o.need);
  b.option("--else", "SCRIPT", "Run SCRIPT by sh(1) where COMMAND may not run.", o.otherwise);
}

core::Result<> check(const RunOptions& o) {
  if (o.command.empty()) {
    return core::fail(core::Errc::usage, "no command: name one after --");
  }
  return {};
}

}  // namespace

core::cli::Declaration<RunOptions> run_command() {
  using core::cli::Does;
  using core::cli::ExitCode;
  return {
      .doc =
          {.name = "run",
           .summary = "Run a command when the network is there",
           .description =
               "Becomes COMMAND when the mode is online, so that its exit status is that of "
               "COMMAND; else it exits with 75, which cron and others take for \"not now\". Where "
               "nobody has looked lately and no daemon runs, it looks first, as `netwatch "
               "check` does.",
           .group = "State",
           .examples = {{"netwatch run -- offq sync", "In a crontab:"},
                        {"netwatch run --need 20MB -- backup.sh",
                         "Only while the budget allows it:"},
                        {"netwatch run --wait 10m --else 'logger no network' -- backup.sh",
                         "With some patience:"}},
           .exit_codes = core::cli::exit_codes(
               {{ExitCode::not_found, "There is no such command."},
                {ExitCode::later,
                 "The mode is offline, or nobody knows it, or the budget is spent."}},
               {Does::reads, Does::writes, Does::waits}),
           .see_also = {"offkit-network(5)"}},
      .bind = bind,
      .program = {},
      .check = check};
}

}  // namespace netwatch
