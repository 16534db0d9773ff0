// SPDX-License-Identifier: MIT
#include "tools/offq/tool.hpp"

#include <utility>

#include "libcore/cli/ends.hpp"
#include "libcore/cli/help.hpp"
#include "tools/offq/cmd_cancel.hpp"
#include "tools/offq/cmd_clear.hpp"
#include "tools/offq/cmd_curl.hpp"
#include "tools/offq/cmd_delete.hpp"
#include "tools/offq/cmd_doctor.hpp"
#include "tools/offq/cmd_enqueue.hpp"
#include "tools/offq/cmd_fsck.hpp"
#include "tools/offq/cmd_list.hpp"
#include "tools/offq/cmd_prune.hpp"
#include "tools/offq/cmd_receive.hpp"
#include "tools/offq/cmd_retry.hpp"
#include "tools/offq/cmd_run.hpp"
#include "tools/offq/cmd_send.hpp"
#include "tools/offq/cmd_show.hpp"
#include "tools/offq/cmd_stats.hpp"
#include "tools/offq/cmd_status.hpp"
#include "tools/offq/cmd_sync.hpp"
#include "tools/offq/cmd_verify.hpp"
#include "tools/offq/cmd_wait.hpp"

namespace offq {
namespace {

using core::cli::ExitCode;

// How every command can end whose code is in a helper, and every one that opens a queue.
void add_common_ends(core::cli::Command& command) {
  if (command.program.empty()) return;
  core::cli::add_end(command.doc, ExitCode::unavailable, "The helper program is not installed.");
  if (command.doc.name == "receive") return;
  core::cli::add_end(command.doc, ExitCode::config,
                     "The configuration is wrong, or HOME is not set and no directory is named.");
}

}  // namespace

std::vector<core::cli::Command> all_commands(std::vector<core::cli::Command> with_code) {
  std::vector<core::cli::Command> commands{
      enqueue_command(),
      send_command(),
      curl_command(),
      run_command(),
      sync_command(),
      wait_command(),
      receive_command(),
      list_command(),
      show_command(),
      status_command(),
      stats_command(),
      retry_command(),
      cancel_command(),
      delete_command(),
      clear_command(),
      prune_command(),
      fsck_command(),
      verify_command(),
      doctor_command(),
      config_command(),
      core::cli::help_command({"offq help enqueue", "All ways to queue a request:"})};
  for (auto& command : commands)
    add_common_ends(command);
  return core::cli::with_code(std::move(commands), std::move(with_code));
}

core::cli::Declaration<core::cli::ConfigOptions> config_command() {
  return core::cli::config_command("offq", "queue.max_size");
}

core::cli::Tool tool_with(std::vector<core::cli::Command> commands) {
  return {
      .name = "offq",
      .summary = "now if you can, later if you must, once in any case",
      .description =
          "Keeps requests on disk until they are delivered. `offq enqueue` makes a request safe, "
          "`offq sync` delivers what is due, and being offline is nobody's fault: nothing is lost, "
          "nothing fails, nothing is silently sent twice. No daemon is needed.",
      .version = OFFKIT_VERSION,
      .date = OFFKIT_RELEASE_DATE,
      .commands = std::move(commands),
      .examples = {{"offq enqueue https://api.example.com/v1/runs -d '{\"lr\":0.1}'",
                    "Queue a request; it is safe once its id is printed:"},
                   {"offq sync", "Deliver what is due:"},
                   {"offq list --state failed", "See what went wrong:"}},
      .environment = {{"OFFQ_DIR", "The queue directory; `--dir` wins over it."},
                      {"CEMAF_OFFLINE_STORAGE_PATH",
                       "The queue directory, if OFFQ_DIR is not set."},
                      {"XDG_STATE_HOME",
                       "Where `offq` keeps its queue otherwise: `$XDG_STATE_HOME/offq`, by default "
                       "`~/.local/state/offq`."},
                      {"OFFKIT_LIBEXEC", "Directory of the helper programs."},
                      {"NO_COLOR", "No colours when set; `--color` wins over it."}},
      .files = {{"~/.local/state/offq", "The queue, unless told otherwise."},
                {"~/.config/offkit/config.yaml", "Settings of the user."},
                {"/etc/offkit/config.yaml", "Settings of the machine."}},
      .see_also = {"offkit.conf(5)", "offq-queue(5)", "offkit(7)"}};
}

}  // namespace offq
