// SPDX-License-Identifier: MIT
#include "tools/netwatch/cmd_simulate.hpp"

#include "tools/netwatch/options.hpp"

namespace netwatch {
namespace {

void bind(core::cli::Binder& b, SimulateOptions& o) {
  b.operand("FILE", "The scenario, as offkit-network(5) describes it; - is stdin.", o.file,
            {.complete = core::cli::Complete::file});
  b.option("--seed", "N", "Which packets get lost; the same N gives the same run.", o.seed);
  bind_json(b, o.format,
            "one JSON object for each change and each hook, and one with what it all cost");
}

core::Result<> check(const SimulateOptions& o) {
  return not_negative("--seed", o.seed);
}

}  // namespace

core::cli::Declaration<SimulateOptions> simulate_command() {
  using core::cli::ExitCode;
  return {.doc = {.name = "simulate",
                  .summary = "Try settings on a network that exists in a file",
                  .description =
                      "Runs a scenario (cables that are pulled, packets that get lost, portals, "
                      "servers that fail, sleep) through the very code that decides in a daemon, "
                      "on a clock that costs no time, and prints a line for each change of what "
                      "would be published, with the probes and bytes that it had cost by then. "
                      "Nothing is sent, and nothing is published.",
                  .group = "Diagnosis",
                  .examples = {{"netwatch simulate train.yaml",
                                "When would I be offline on this ride, and what would it cost?"},
                               {"netwatch simulate --json train.yaml | jq -c 'select(.hook)'",
                                "When would hooks run?"}},
                  .exit_codes = {{ExitCode::not_found, {}},
                                 {ExitCode::io, {}},
                                 {ExitCode::denied, {}},
                                 {ExitCode::config, "The scenario is not as it should be."}},
                  .see_also = {"offkit-network(5)"}},
          .bind = bind,
          .program = {},
          .check = check};
}

}  // namespace netwatch
