// SPDX-License-Identifier: MIT
#include "tools/netwatch/cmd_doctor.hpp"

#include "tools/netwatch/options.hpp"

namespace netwatch {
namespace {

void bind(core::cli::Binder& b, DoctorOptions& o) {
  bind_json(b, o.format, "one JSON object");
}

}  // namespace

core::cli::Declaration<DoctorOptions> doctor_command() {
  using core::cli::ExitCode;
  return {
      .doc = {.name = "doctor",
              .summary = "Say what can be known here, and who is contacted",
              .description =
                  "Examines the configuration, who is contacted and what that costs in a month, "
                  "what the kernel tells of links and connections, name servers, the clock, the "
                  "directory, who looks at the network, hooks, and the budget. Ends with one "
                  "sentence: who is contacted. It contacts nobody.",
              .group = "Setup",
              .examples = {{"netwatch doctor", "Does it work here?"},
                           {"netwatch doctor --json | jq .contacts", "Who is contacted?"}},
              .exit_codes = {{ExitCode::ok, "Everything is as it should be."},
                             {ExitCode::no, "Something could be better."},
                             {ExitCode::full, "Nothing can be published: the disk is full."},
                             {ExitCode::io, "Nothing can be published: an input/output error."},
                             {ExitCode::denied, "Nothing can be published: it is not permitted."},
                             {ExitCode::config, "The configuration has a mistake."}},
              .see_also = {"offkit-network(5)"}},
      .bind = bind};
}

}  // namespace netwatch
