// SPDX-License-Identifier: MIT
#include "tools/offq/cmd_delete.hpp"

namespace offq {
namespace {

void bind(core::cli::Binder& b, DeleteOptions& o) {
  bind_ids(b, o.ids);
  bind_stdin(b, o.source);
  b.flag("--yes", "Do not ask.", o.confirm);
}

core::Result<> check(const DeleteOptions& o) {
  return check_named(o.ids, o.source, "");
}

}  // namespace

core::cli::Declaration<DeleteOptions> delete_command() {
  using core::cli::ExitCode;
  return {
      .doc = {.name = "delete",
              .summary = "Remove operations for good",
              .description = "Removes operations in whatever state, with their bodies. What is "
                             "pending is never sent. This cannot be undone, so it is asked for on "
                             "a terminal, and elsewhere needs `--yes`.",
              .group = "Queue",
              .examples =
                  {{"offq delete 9F3K", "One operation:"},
                   {"offq list --state failed --older-than 30d --ids | offq delete --stdin --yes",
                    "What failed long ago:"}},
              .exit_codes = {{ExitCode::no, "The answer was no; nothing was removed."},
                             {ExitCode::not_found, "An ID matches no operation."},
                             {ExitCode::io, {}},
                             {ExitCode::denied, {}}}},
      .bind = bind,
      .program = "offq-store",
      .check = check};
}

}  // namespace offq
