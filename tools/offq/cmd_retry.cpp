// SPDX-License-Identifier: MIT
#include "tools/offq/cmd_retry.hpp"

namespace offq {
namespace {

void bind(core::cli::Binder& b, RetryOptions& o) {
  bind_ids(b, o.ids);
  b.option("--reason", "REASON", "All that failed for these reasons.", o.reasons);
  b.option("--type", "TYPE", "All of these types.", o.types);
  b.flag("--all", "All that failed.", o.scope);
  bind_stdin(b, o.source);
  b.flag("--json", "Print one JSON object per operation.", o.format, core::cli::Format::json);
}

core::Result<> check(const RetryOptions& o) {
  if (!o.reasons.empty() || !o.types.empty() || o.scope == Scope::all) return {};
  return check_named(o.ids, o.source, "--reason, --type, --all or ");
}

}  // namespace

core::cli::Declaration<RetryOptions> retry_command() {
  using core::cli::ExitCode;
  return {
      .doc = {.name = "retry",
              .summary = "Put failed operations back into the queue",
              .description =
                  "Makes failed operations pending again, with all their attempts ahead of them. "
                  "The id, and with it the idempotency key, stays the same. Pending operations "
                  "that wait for their next attempt become due at once. Of operations of one key "
                  "only the newest can be put back, also when that one was delivered: no older "
                  "value comes after a newer one.",
              .group = "Queue",
              .examples = {{"offq retry 9F3K", "One operation:"},
                           {"offq retry --reason rejected --type metric_log",
                            "All metrics that the server refused, after it was repaired:"}},
              .exit_codes = {{ExitCode::ok, "Put back; or nothing was selected by the conditions."},
                             {ExitCode::no, "Some could not be put back."},
                             {ExitCode::not_found, "An ID matches no operation."},
                             {ExitCode::full, {}},
                             {ExitCode::io, {}},
                             {ExitCode::denied, {}}}},
      .bind = bind,
      .program = "offq-store",
      .check = check};
}

}  // namespace offq
