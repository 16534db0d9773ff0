// SPDX-License-Identifier: MIT
#include "tools/netwatch/cmd_daemon.hpp"

#include "libcore/cli/ends.hpp"

namespace netwatch {
namespace {

void bind(core::cli::Binder& b, DaemonOptions& o) {
  b.flag("--foreground", "Say so: it stays in the foreground in any case.", o.foreground);
}

}  // namespace

core::cli::Declaration<DaemonOptions> daemon_command() {
  using core::cli::Does;
  using core::cli::ExitCode;
  return {
      .doc = {.name = "daemon",
              .summary = "Stay, look at the network, and publish what changes",
              .description =
                  "Publishes a change of links, addresses and routes within milliseconds, and "
                  "what probes and the machine's own traffic say as often as "
                  "`network.interval` wants it; runs hooks. In between it sleeps. One runs for "
                  "each queue directory, in the foreground, until it gets SIGTERM; SIGHUP, or a "
                  "change of a file that settings come from, has it read its settings "
                  "again.\n\nUnder systemd(1) it says when it is ready, how it stands, and "
                  "that it lives, where WATCHDOG_USEC asks for that.",
              .group = "State",
              .examples = {{"netwatch daemon &", "By hand; examples/ has a unit for systemd:"}},
              .exit_codes = core::cli::exit_codes({{ExitCode::not_found, "The queue is gone."},
                                                   {ExitCode::later, "Another daemon is running."}},
                                                  {Does::writes, Does::waits}),
              .environment = {{"NOTIFY_SOCKET", "Where the service manager listens."},
                              {"WATCHDOG_USEC", "How long it believes in a silent daemon."}},
              .see_also = {"offkit-network(5)"}},
      .bind = bind};
}

}  // namespace netwatch
