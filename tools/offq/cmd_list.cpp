// SPDX-License-Identifier: MIT
#include "tools/offq/cmd_list.hpp"

namespace offq {
namespace {

void bind(core::cli::Binder& b, ListOptions& o) {
  bind_ids(b, o.ids);
  b.option("--state", "STATE", "Only these states: pending, synced, failed; or several as a,b.",
           o.states);
  b.option("--type", "TYPE", "Only these types.", o.types);
  b.option("--lane", "NAME", "Only these lanes.", o.lanes);
  b.option("--reason", "REASON", "Only what failed for these reasons.", o.reasons);
  b.option("--key", "KEY", "Only operations with these keys.", o.keys);
  b.option("--older-than", "DURATION", "Only what was created more than DURATION ago.",
           o.older_than);
  b.option("--newer-than", "DURATION", "Only what was created less than DURATION ago.",
           o.newer_than);
  b.option("--sort", "FIELD", "Sort by FIELD.", o.sort);
  b.flag("--reverse", "The other way round.", o.direction);
  b.option("-n,--limit", "N", "Show at most N; 20 if not given on a terminal, all otherwise.",
           o.limit);
  b.flag("--json", "Print one JSON object per line.", o.format, core::cli::Format::json);
  b.flag("--ids", "Print one id per line.", o.format, core::cli::Format::ids);
  b.flag("--no-header", "Leave out the line of headings.", o.header, core::cli::Header::no);
}

core::Result<> check(const ListOptions& o) {
  if (o.limit && *o.limit < 0) {
    return core::fail(core::Errc::usage, "invalid value: --limit: must not be negative");
  }
  return {};
}

}  // namespace

core::cli::Declaration<ListOptions> list_command() {
  using core::cli::ExitCode;
  return {
      .doc = {.name = "list",
              .summary = "List operations",
              .description = "Shows operations of the queue, oldest first. Without options these "
                             "are all of them, whatever their state. Conditions add up: an "
                             "operation is shown when it meets every one. On a narrow terminal "
                             "columns are left out; `--json` has them all.",
              .group = "Queue",
              .examples =
                  {{"offq list --state pending", "What is still to be sent?"},
                   {"offq list --state failed --newer-than 1h", "What failed in the last hour?"},
                   {"offq list --state failed --reason exhausted --ids | offq retry --stdin",
                    "Try again whatever ran out of attempts:"},
                   {"offq list --json | jq -r 'select(.bytes > 1000000) | .id'",
                    "Which operations are large?"}},
              .exit_codes = {{ExitCode::not_found, "An ID matches no operation."},
                             {ExitCode::io, {}},
                             {ExitCode::denied, {}}}},
      .bind = bind,
      .program = "offq-store",
      .check = check};
}

}  // namespace offq
