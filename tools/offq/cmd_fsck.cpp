// SPDX-License-Identifier: MIT
#include "tools/offq/cmd_fsck.hpp"

namespace offq {
namespace {

void bind(core::cli::Binder& b, FsckOptions& o) {
  b.flag("--repair",
         "Repair what can be repaired; what cannot be read is moved to failed, never removed.",
         o.repair);
  b.flag("--json", "Print one JSON object per finding, and a summary.", o.format,
         core::cli::Format::json);
}

}  // namespace

core::cli::Declaration<FsckOptions> fsck_command() {
  using core::cli::ExitCode;
  return {.doc = {.name = "fsck",
                  .summary = "Check the queue for damage, and repair it",
                  .description =
                      "Reads every file of the queue: checksums, ids that occur twice, bodies that "
                      "are missing or that nothing refers to, receipts without operations, and "
                      "moves that a crash cut short. Prints what it found and what was lost.",
                  .group = "Maintenance",
                  .examples = {{"offq fsck", "Is everything in order?"},
                               {"offq fsck --repair", "Repair it:"}},
                  .exit_codes = {{ExitCode::ok, "Nothing is wrong."},
                                 {ExitCode::no, "Something was wrong and is repaired."},
                                 {ExitCode::corrupt, "Damage is left, or something is lost."},
                                 {ExitCode::not_found, "There is no queue."},
                                 {ExitCode::io, {}},
                                 {ExitCode::later, "`--repair`, and a sync is running."},
                                 {ExitCode::denied, {}}},
                  .see_also = {"offq-queue(5)"}},
          .bind = bind,
          .program = "offq-store"};
}

}  // namespace offq
