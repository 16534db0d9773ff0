// SPDX-License-Identifier: MIT
#include "tools/offq/cmd_show.hpp"

namespace offq {
namespace {

void bind(core::cli::Binder& b, ShowOptions& o) {
  b.operand("ID",
            "The operation: its id, or any unique beginning or end of at least four characters.",
            o.id, {.complete = core::cli::Complete::operation_id});
  b.flag("--body", "Print the body that is sent, and nothing else, byte for byte.", o.part,
         ShowPart::body);
  b.flag("--response", "Print the body of the server's answer, byte for byte.", o.part,
         ShowPart::response);
  b.flag("--json", "Print one JSON object with operation and receipt.", o.format,
         core::cli::Format::json);
}

}  // namespace

core::cli::Declaration<ShowOptions> show_command() {
  using core::cli::ExitCode;
  return {.doc = {.name = "show",
                  .summary = "Show everything about one operation",
                  .description = "Joins what was queued with what became of it: request, schedule, "
                                 "attempts, and the receipt with the server's answer.",
                  .group = "Queue",
                  .examples = {{"offq show 9F3K", "By the last characters of its id:"},
                               {"offq show 9F3K --response | jq .", "What did the server say?"}},
                  .exit_codes = {{ExitCode::corrupt, "The operation's file is damaged."},
                                 {ExitCode::not_found,
                                  "No such operation, or it has no body or answer."},
                                 {ExitCode::io, {}},
                                 {ExitCode::denied, {}}}},
          .bind = bind,
          .program = "offq-store"};
}

}  // namespace offq
