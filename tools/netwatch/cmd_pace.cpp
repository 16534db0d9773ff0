// SPDX-License-Identifier: MIT
#include "tools/netwatch/cmd_pace.hpp"

#include "libcore/cli/ends.hpp"
#include "tools/netwatch/options.hpp"

namespace netwatch {
namespace {

void bind(core::cli::Binder& b, PaceOptions& o) {
  b.operand("SIZE", "How much will be sent.", o.size);
  b.option("--max-wait", "DURATION", "Give up at once if it would take longer than DURATION.",
           o.longest);
  b.flag("-n,--dry-run", "Print the seconds that it would take, and take no turn.", o.dry_run);
  bind_network(b, o.network);
}

}  // namespace

core::cli::Declaration<PaceOptions> pace_command() {
  using core::cli::Does;
  using core::cli::ExitCode;
  return {
      .doc = {.name = "pace",
              .summary = "Wait until SIZE may be sent at the rate of the budget",
              .description =
                  "Takes a turn among all programs of this queue directory, and waits for it: "
                  "until what was sent before is paid for at `budget.rate`, but for one second's "
                  "worth. So many that send at once keep to the rate together. It counts nothing "
                  "as spent, and without `budget.rate` it returns at once.",
              .group = "Budget",
              .examples = {{"netwatch pace 100KB && upload part.1", "Before each part:"},
                           {"netwatch pace 100KB --max-wait 30s", "Or something else meanwhile:"}},
              .exit_codes = core::cli::exit_codes(
                  {{ExitCode::ok, "It may be sent now."},
                   {ExitCode::later, "It would take longer than `--max-wait`."}},
                  {Does::writes, Does::waits}),
              .see_also = {"offkit-network(5)"}},
      .bind = bind};
}

}  // namespace netwatch
