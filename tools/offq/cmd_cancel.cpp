// SPDX-License-Identifier: MIT
#include "tools/offq/cmd_cancel.hpp"

namespace offq {
namespace {

void bind(core::cli::Binder& b, CancelOptions& o) {
  bind_ids(b, o.ids);
  b.option("--type", "TYPE", "All pending ones of these types.", o.types);
  b.option("--lane", "NAME", "All pending ones of these lanes.", o.lanes);
  b.flag("--all", "All pending ones.", o.scope);
  bind_stdin(b, o.source);
}

core::Result<> check(const CancelOptions& o) {
  if (!o.types.empty() || !o.lanes.empty() || o.scope == Scope::all) return {};
  return check_named(o.ids, o.source, "--type, --lane, --all or ");
}

}  // namespace

core::cli::Declaration<CancelOptions> cancel_command() {
  using core::cli::ExitCode;
  return {
      .doc = {.name = "cancel",
              .summary = "Give up pending operations",
              .description =
                  "Moves pending operations to `failed` with the reason `cancelled`. They can be "
                  "put back by `offq retry`. What is being sent at this moment may still arrive.",
              .group = "Queue",
              .examples = {{"offq cancel 9F3K", "One operation:"},
                           {"offq cancel --lane orders", "All that is left of a lane:"}},
              .exit_codes = {{ExitCode::ok,
                              "Cancelled; or nothing was selected by the conditions."},
                             {ExitCode::no, "Some were not pending any more."},
                             {ExitCode::not_found, "An ID matches no operation."},
                             {ExitCode::io, {}},
                             {ExitCode::denied, {}}}},
      .bind = bind,
      .program = "offq-store",
      .check = check};
}

}  // namespace offq
