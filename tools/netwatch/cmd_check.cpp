// SPDX-License-Identifier: MIT
#include "tools/netwatch/cmd_check.hpp"

#include "libcore/cli/ends.hpp"
#include "tools/netwatch/options.hpp"

namespace netwatch {
namespace {

void bind(core::cli::Binder& b, CheckOptions& o) {
  b.option("--max-age", "DURATION",
           "Be content with what was found so long ago, unless links, addresses or routes have "
           "changed since.",
           o.max_age);
  b.option("--endpoint", "NAME",
           "Ask only this one of those that are configured: as written there, or its host.",
           o.endpoints);
  b.flag("--basic-only", "Ask only the endpoints network.basic.", o.scope, CheckScope::basic);
  b.flag("--api-only", "Ask only the URLs network.check.", o.scope, CheckScope::api);
  b.flag("--no-passive", "Take no notice of the machine's own traffic.", o.passive, Passive::no);
  b.flag("--exit-state", "Exit with 10 when limited and 11 when disconnected.", o.exit_state);
  bind_json(b, o.format, "network.json");
}

core::Result<> check(const CheckOptions& o) {
  return not_negative("--max-age", o.max_age);
}

}  // namespace

core::cli::Declaration<CheckOptions> check_command() {
  using core::cli::Does;
  using core::cli::ExitCode;
  return {.doc = {.name = "check",
                  .summary = "Look at the network once, and publish what is found",
                  .description =
                      "Goes up the ladder from the cheapest evidence to the dearest, and asks the "
                      "endpoints that are configured. However many are started at once, one of "
                      "them looks, and the others wait for what it finds; where a daemon runs, it "
                      "is the one, unless it has not even heard within a second. Then the hooks "
                      "are run, as the daemon would: so a crontab is "
                      "enough where no daemon is wanted.\n\nEach check asks all that it needs to "
                      "know: only "
                      "the daemon asks less, and less often, where bytes cost money. A crontab "
                      "there had better look less often, or with --max-age 30m.\n\nA check of a "
                      "part (--endpoint, "
                      "--basic-only, --api-only, --no-passive) is shown, and not published.",
                  .group = "State",
                  .examples = {{"netwatch check", "What is it?"},
                               {"* * * * * netwatch check --quiet", "In a crontab:"},
                               {"netwatch check --endpoint api.example.com --json",
                                "Does this one answer?"}},
                  .exit_codes = core::cli::exit_codes(
                      {{ExitCode::ok, "The network is connected."},
                       {ExitCode::no, "It is limited or disconnected."},
                       {ExitCode::limited, "--exit-state: it is limited."},
                       {ExitCode::disconnected, "--exit-state: it is disconnected."},
                       {ExitCode::later,
                        "The daemon has heard, and does not answer within 15 seconds."}},
                      {Does::writes, Does::waits}),
                  .see_also = {"offkit-network(5)"}},
          .bind = bind,
          .program = {},
          .check = check};
}

}  // namespace netwatch
