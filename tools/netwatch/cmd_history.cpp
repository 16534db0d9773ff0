// SPDX-License-Identifier: MIT
#include "tools/netwatch/cmd_history.hpp"

#include "libcore/cli/ends.hpp"
#include "tools/netwatch/options.hpp"

namespace netwatch {
namespace {

void bind(core::cli::Binder& b, HistoryOptions& o) {
  b.option("--since", "WHEN",
           "Not what was before WHEN: a span before now as 24h, or a time (RFC 3339).", o.since);
  b.flag("--uptime",
         "How much of the time was spent in which state, how many outages there were, and how "
         "long the longest was; an outage is a time of limited or disconnected.",
         o.of, HistoryOf::uptime);
  bind_json(
      b, o.format,
      "one JSON object for each change, as in network.json without the evidence; with `--uptime` "
      "one in all");
}

}  // namespace

core::cli::Declaration<HistoryOptions> history_command() {
  using core::cli::Does;
  using core::cli::ExitCode;
  return {.doc = {.name = "history",
                  .summary = "Show what the network was, and for how long",
                  .description =
                      "Prints what was published, a line for each change of state, mode, reason, "
                      "interface or metering. It reaches back over at least a megabyte of lines, "
                      "which is some thousand changes.",
                  .group = "State",
                  .examples = {{"netwatch history --since 24h", "What happened today?"},
                               {"netwatch history --since 30d --uptime",
                                "Is the provider worth its money?"}},
                  .exit_codes = core::cli::exit_codes(
                      {{ExitCode::later, "--uptime: nobody has looked yet."}}, {Does::reads}),
                  .files = {{"netwatch/history.jsonl", "What is shown; history.1.jsonl is older."}},
                  .see_also = {"offkit-network(5)"}},
          .bind = bind};
}

}  // namespace netwatch
