// SPDX-License-Identifier: MIT
#include "tools/netwatch/cmd_is.hpp"

#include "libcore/cli/ends.hpp"

namespace netwatch {
namespace {

void bind(core::cli::Binder& b, IsOptions& o) {
  b.operand("CONDITION",
            "What is asked: online or offline (the mode), connected, limited or disconnected (the "
            "state), metered, or portal.",
            o.condition);
  b.option("--max-age", "DURATION",
           "Take what was published longer ago for unknown, even if it is still valid.", o.max_age);
}

}  // namespace

core::cli::Declaration<IsOptions> is_command() {
  using core::cli::Does;
  using core::cli::ExitCode;
  return {.doc = {.name = "is",
                  .summary = "Answer one question by the exit status",
                  .description =
                      "Reads what is published, prints nothing, and contacts nobody; it takes less "
                      "than a millisecond. A mode that somebody has set decides about online and "
                      "offline.",
                  .group = "State",
                  .examples = {{"netwatch is online && offq sync", "In a script:"},
                               {"netwatch is metered || [ $? -eq 75 ] || backup",
                                "Only where bytes are known to be free (75: nobody knows):"}},
                  .exit_codes = core::cli::exit_codes(
                      {{ExitCode::ok, "Yes."},
                       {ExitCode::no, "No."},
                       {ExitCode::later, "Unknown: nobody has looked, or that was too long ago."}},
                      {Does::reads}),
                  .see_also = {"offkit-network(5)"}},
          .bind = bind};
}

}  // namespace netwatch
