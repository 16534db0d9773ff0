// SPDX-License-Identifier: MIT
#include "tools/offq/cmd_run.hpp"

#include <utility>

namespace offq {
namespace {

void bind(core::cli::Binder& b, RunOptions& o) {
  b.operand("CMD", "The command and its arguments; put `--` before it.", o.command);
  bind_policy(b, o.offline, "CMD");
  b.option("--key", "KEY",
           "What the command is, whatever its arguments: its output is kept under this name, and "
           "of those that are queued with it only the newest is run.",
           o.key);
  b.option("--lane", "NAME", "Queued commands of one lane are run strictly in order.", o.lane);
  b.option("--priority", "N", "Queued commands of higher priority are run first.", o.priority);
  b.flag("--stdin",
         "Standard input, all of it, is the command's, and is queued with it. Without this a "
         "queued command has none.",
         o.input);
  b.option("--env", "NAME",
           "A variable that is queued with it, besides HOME, LANG, LC_*, LOGNAME, PATH, SHELL, "
           "TMPDIR, TZ and USER.",
           o.variables);
  b.option("--timeout", "DURATION", "How long it may take when it is run from the queue.",
           o.timeout);
}

core::Result<> check(const RunOptions& o) {
  const auto refuse = [](const char* why) { return core::fail(core::Errc::usage, why); };
  if (o.command.empty()) return refuse("missing operand: CMD");
  if (o.timeout <= core::Duration{0}) return refuse("invalid value: --timeout: must be positive");
  TRY(check_policy(o.offline));
  const bool may_fall_back = o.offline.policy == OfflinePolicy::local_fallback;
  const bool is_queued = o.offline.policy == OfflinePolicy::queue;
  if (!is_queued && (o.lane || o.priority != 0 || !o.variables.empty())) {
    return refuse("--lane, --priority and --env are for --policy queue");
  }
  if (o.key && !may_fall_back && !is_queued) {
    return refuse("--key is for --policy queue and local-fallback");
  }
  return {};
}

}  // namespace

core::cli::Declaration<RunOptions> run_command() {
  using core::cli::ExitCode;
  return {
      .doc =
          {.name = "run",
           .summary = "Run a command, or queue it when there is no network",
           .description =
               "Runs CMD, here and now, unless netwatch says that there is no network or somebody "
               "has set the mode to offline; then `--policy` says what is done instead. Where "
               "nobody knows how the network is, CMD is run. A command that ends with 69 or 75 "
               "says "
               "itself that it could not be done now, and with the policies `queue` and "
               "`local-fallback` that is the same as being offline.\n\nA queued command is an "
               "operation of type `command`. `offq sync` runs it in the directory in which it was "
               "queued, with the variables and the standard input that were queued, and with "
               "OFFQ_ID, OFFQ_TYPE, OFFQ_ATTEMPT and OFFQ_DIR; see COMMANDS in `offkit(7)`. It may "
               "be run twice when the machine stops in between: OFFQ_ID is the same then.",
           .group = "Requests",
           .examples =
               {{"offq run -- rsync -a photos/ backup:photos/",
                 "Now if there is a network, else later:"},
                {"offq run --policy local-fallback -- curl -sf https://api.example.com/rates",
                 "The newest answer that can be had:"},
                {"offq run --policy skip -- apt-get -q update", "Only where it makes sense:"}},
           .exit_codes = {{ExitCode::ok, "The command was done, queued, skipped or answered for."},
                          {ExitCode::not_found, "There is no such command."},
                          {ExitCode::full, "The queue or the disk is full."},
                          {ExitCode::io, {}},
                          {ExitCode::later,
                           "Offline, with the policy `fail`, or `local-fallback` and nothing to "
                           "fall back on."},
                          {ExitCode::denied, {}},
                          {ExitCode::config, {}}},
           .files = {{"outputs/", "In the queue: what commands have printed last."}},
           .see_also = {"netwatch(1)", "offkit(7)"}},
      .bind = bind,
      .check = check};
}

}  // namespace offq
