// SPDX-License-Identifier: MIT
#include "tools/offq/cmd_status.hpp"

namespace offq {
namespace {

void bind(core::cli::Binder& b, StatusOptions& o) {
  b.flag("--json", "Print one JSON object.", o.format, core::cli::Format::json);
}

}  // namespace

core::cli::Declaration<StatusOptions> status_command() {
  using core::cli::ExitCode;
  return {.doc = {.name = "status",
                  .summary = "Show the queue in one line, for a prompt or a bar",
                  .description =
                      "Prints one line, as `offq: 3 pending, 1 failed, next in 12s`, in "
                      "a few milliseconds. `next` is when something is due: now, or the first "
                      "time that an operation waits for. That its destination may be "
                      "held is left to `offq sync`. Where netwatch has said "
                      "how the network is, that follows: its state, why and since when, and the "
                      "mode, as `network disconnected (no-route) since 5m ago, offline`.",
                  .group = "Queue",
                  .examples = {{"PS1='[$(offq status)] $ '", "In a prompt:"}},
                  .exit_codes = {{ExitCode::ok, "Nothing is pending or failed."},
                                 {ExitCode::no, "Something is pending or failed."},
                                 {ExitCode::io, {}},
                                 {ExitCode::denied, {}}}},
          .bind = bind,
          .program = "offq-store"};
}

}  // namespace offq
