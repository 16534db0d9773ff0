// SPDX-License-Identifier: MIT
#include "tools/offq/cmd_verify.hpp"

namespace offq {
namespace {

void bind(core::cli::Binder& b, VerifyOptions& o) {
  b.flag("--accept", "Put on record that the gaps found now are known; they are told no more.",
         o.accept);
  b.flag("--json", "Print one JSON object per gap, and a summary.", o.format,
         core::cli::Format::json);
}

}  // namespace

core::cli::Declaration<VerifyOptions> verify_command() {
  using core::cli::ExitCode;
  return {
      .doc = {.name = "verify",
              .summary = "Account for every id that was ever printed",
              .description =
                  "Every operation gets a serial number when it is enqueued, sealed into its "
                  "file. Reads all files, receipts and the ledger, and accounts for each number "
                  "that was given out: its operation is pending, synced or failed, or it is on "
                  "record that it was deleted, pruned, or never printed.\n\n"
                  "What is left is a gap, named by the operations before and after it: an "
                  "enqueue that was killed before it printed its id, a file that was removed "
                  "by hand, or a loss. Which of these, nothing on disk can tell. What vanishes "
                  "in the middle or at the end of any series shows; only the newest operations, "
                  "together with `usage.json` and before anything else is enqueued, can vanish "
                  "without a trace.\n\n"
                  "Operations of earlier versions, and those that were written by hand, have no "
                  "number; they are counted.",
              .group = "Maintenance",
              .examples = {{"offq verify", "Has anything been lost?"},
                           {"offq verify --json | jq -r 'select(.first)'", "Only the gaps:"}},
              .exit_codes = {{ExitCode::ok, "Every number is accounted for."},
                             {ExitCode::corrupt, "There are gaps, or a number was given twice."},
                             {ExitCode::not_found, "There is no queue."},
                             {ExitCode::full, "`--accept`, and the disk is full."},
                             {ExitCode::io, {}},
                             {ExitCode::denied, {}}},
              .see_also = {"offq-queue(5)"}},
      .bind = bind,
      .program = "offq-store"};
}

}  // namespace offq
