// SPDX-License-Identifier: MIT
#include "tools/netwatch/cmd_watch.hpp"

#include "libcore/cli/ends.hpp"
#include "tools/netwatch/options.hpp"

namespace netwatch {
namespace {

void bind(core::cli::Binder& b, WatchOptions& o) {
  b.option("--since", "GENERATION",
           "Begin with what came after GENERATION, as far as the history goes back.", o.since);
  bind_json(b, o.format, "one JSON object for each change");
}

core::Result<> check(const WatchOptions& o) {
  return not_negative("--since", o.since.value_or(0));
}

}  // namespace

core::cli::Declaration<WatchOptions> watch_command() {
  using core::cli::Does;
  using core::cli::ExitCode;
  return {.doc = {.name = "watch",
                  .summary = "Print what changes, as it does",
                  .description =
                      "Begins with what holds, and then prints a line for each generation within a "
                      "millisecond, until it is interrupted or nobody reads any more; meanwhile it "
                      "sleeps. Everything that is published is printed, also when several "
                      "generations come at once. When what was published last cannot be believed "
                      "any more, a line says that the state is unknown.",
                  .group = "State",
                  .examples = {{"netwatch watch", "Look on:"},
                               {"netwatch watch --json | while read -r line; do …; done",
                                "For a program:"}},
                  .exit_codes = core::cli::exit_codes({{ExitCode::ok, "Nobody reads any more."},
                                                       {ExitCode::not_found, "The queue is gone."}},
                                                      {Does::reads, Does::writes, Does::waits}),
                  .see_also = {"offkit-network(5)"}},
          .bind = bind,
          .program = {},
          .check = check};
}

}  // namespace netwatch
