// SPDX-License-Identifier: MIT
#include "tools/offq/cmd_prune.hpp"

namespace offq {
namespace {

void bind(core::cli::Binder& b, PruneOptions& o) {
  b.option("--older-than", "DURATION",
           "What was delivered more than DURATION ago; keep_synced of the configuration (7d) if "
           "not given.",
           o.older_than);
  b.flag("--dry-run", "Say what would be removed and remove nothing.", o.dry_run);
}

}  // namespace

core::cli::Declaration<PruneOptions> prune_command() {
  using core::cli::ExitCode;
  return {
      .doc = {.name = "prune",
              .summary = "Forget what was delivered long ago",
              .description =
                  "Removes delivered operations, their receipts and the bodies that nothing refers "
                  "to any more. Pending and failed operations are never touched.",
              .group = "Maintenance",
              .examples = {{"offq prune --older-than 30d", "Keep a month:"},
                           {"offq prune --dry-run", "How much would be freed?"}},
              .exit_codes = {{ExitCode::io, {}},
                             {ExitCode::later, "A sync is running."},
                             {ExitCode::denied, {}},
                             {ExitCode::config, {}}}},
      .bind = bind,
      .program = "offq-store"};
}

}  // namespace offq
