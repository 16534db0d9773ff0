// SPDX-License-Identifier: MIT
#include "tools/offq/cmd_clear.hpp"

namespace offq {
namespace {

void bind(core::cli::Binder& b, ClearOptions& o) {
  b.operand("STATE", "Which operations: pending, synced or failed.", o.state);
  b.flag("--yes", "Do not ask.", o.confirm);
}

}  // namespace

core::cli::Declaration<ClearOptions> clear_command() {
  using core::cli::ExitCode;
  return {
      .doc = {.name = "clear",
              .summary = "Remove all operations of one state",
              .description = "Removes every operation that is pending, synced or failed, for good. "
                             "It is asked for on a terminal, and elsewhere needs `--yes`.",
              .group = "Queue",
              .examples = {{"offq clear synced --yes", "Forget what was delivered:"}},
              .exit_codes = {{ExitCode::no, "The answer was no; nothing was removed."},
                             {ExitCode::io, {}},
                             {ExitCode::denied, {}}}},
      .bind = bind,
      .program = "offq-store"};
}

}  // namespace offq
