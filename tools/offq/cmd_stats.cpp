// SPDX-License-Identifier: MIT
#include "tools/offq/cmd_stats.hpp"

namespace offq {
namespace {

void bind(core::cli::Binder& b, StatsOptions& o) {
  b.flag("--json", "Print one JSON object.", o.format, core::cli::Format::json);
}

}  // namespace

core::cli::Declaration<StatsOptions> stats_command() {
  using core::cli::ExitCode;
  return {.doc = {.name = "stats",
                  .summary = "Show the queue in numbers",
                  .description = "Counts operations by state, type and reason, their size, the age "
                                 "of the oldest pending one, and how full the queue is.",
                  .group = "Queue",
                  .examples = {{"offq stats", "For people:"},
                               {"offq stats --json | jq .pending", "For a program:"}},
                  .exit_codes = {{ExitCode::io, {}}, {ExitCode::denied, {}}}},
          .bind = bind,
          .program = "offq-store"};
}

}  // namespace offq
