// SPDX-License-Identifier: MIT
#include "tools/netwatch/cmd_explain.hpp"

#include "libcore/cli/ends.hpp"
#include "tools/netwatch/options.hpp"

namespace netwatch {
namespace {

void bind(core::cli::Binder& b, ExplainOptions& o) {
  bind_json(b, o.format, "what is published as one JSON object, with its `freshness`");
}

}  // namespace

core::cli::Declaration<ExplainOptions> explain_command() {
  using core::cli::Does;
  using core::cli::ExitCode;
  return {.doc = {.name = "explain",
                  .summary = "Say why the state is what it is",
                  .description =
                      "Prints the last verdict in a sentence, and then the evidence behind it, "
                      "rung by rung from what costs nothing to what was asked of others: what "
                      "was seen, who was contacted, how long it took, and at how many bytes. "
                      "Nobody is asked anew.",
                  .group = "State",
                  .examples = {{"netwatch explain", "Why am I offline?"},
                               {"netwatch explain --json | jq -r '.probes[].endpoint'",
                                "Who was contacted?"}},
                  .exit_codes = core::cli::exit_codes(
                      {{ExitCode::later,
                        "Nobody has looked, or what was found is not believed any more."}},
                      {Does::reads}),
                  .see_also = {"offkit-network(5)"}},
          .bind = bind};
}

}  // namespace netwatch
