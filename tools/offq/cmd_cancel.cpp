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
  const bool narrowed = !o.types.empty() || !o.lanes.empty();
  const bool named = !o.ids.empty() || reads_stdin(o.ids, o.source);
  if (narrowed || named || o.scope == Scope::all) return {};
  return core::fail(core::Errc::usage,
                    "nothing selected: name an ID, or say --type, --lane, --all or --stdin");
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
