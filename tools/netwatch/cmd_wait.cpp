// SPDX-License-Identifier: MIT
#include "tools/netwatch/cmd_wait.hpp"

#include "libcore/cli/ends.hpp"

namespace netwatch {
namespace {

void bind(core::cli::Binder& b, WaitOptions& o) {
  b.option("--for", "CONDITION",
           "What is waited for: online (the mode); connected, limited or disconnected (the "
           "state); or change, of anything that is published.",
           o.awaited, {.default_text = "online"});
  b.option("--timeout", "DURATION", "Wait no longer than DURATION.", o.timeout);
  b.option("--stable", "DURATION", "Until it has been so for DURATION.", o.stable);
  b.option("--endpoint", "NAME",
           "Until this one of those that are configured answers: as written there, or its host. "
           "It is asked from here, whatever is published.",
           o.endpoint);
}

core::Result<> check(const WaitOptions& o) {
  if (o.awaited == Awaited::change && o.stable) {
    return core::fail(core::Errc::usage, "--stable does not go with --for change");
  }
  if (o.endpoint && (o.awaited || o.stable)) {
    return core::fail(core::Errc::usage, "--endpoint goes with --timeout alone");
  }
  return {};
}

}  // namespace

core::cli::Declaration<WaitOptions> wait_command() {
  using core::cli::Does;
  using core::cli::ExitCode;
  return {
      .doc = {.name = "wait",
              .summary = "Wait until the network is as wanted",
              .description =
                  "Returns as soon as what is published says so, within a millisecond of the "
                  "change; meanwhile it sleeps.\n\nWith --endpoint it looks itself, as `netwatch "
                  "check --endpoint` does: at once when links, addresses or routes change, else "
                  "after one second, two, four and so on up to a minute. Where there is no way out "
                  "nobody is asked. The mode does not matter, and nothing is published.",
              .group = "State",
              .examples = {{"netwatch wait --timeout 10m && offq sync",
                            "Deliver when the network is there:"},
                           {"netwatch wait --for connected --stable 30s", "Not for a moment only:"},
                           {"netwatch wait --endpoint api.example.com --timeout 1h",
                            "Until this one answers:"}},
              .exit_codes =
                  core::cli::exit_codes({{ExitCode::ok, "It is so."}, {ExitCode::timeout, {}}},
                                        {Does::reads, Does::writes, Does::waits}),
              .see_also = {"offkit-network(5)"}},
      .bind = bind,
      .program = {},
      .check = check};
}

}  // namespace netwatch
