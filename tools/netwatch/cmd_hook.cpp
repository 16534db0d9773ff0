// SPDX-License-Identifier: MIT
#include "tools/netwatch/cmd_hook.hpp"

#include "libcore/cli/ends.hpp"
#include "tools/netwatch/options.hpp"

namespace netwatch {
namespace {

void bind(core::cli::Binder& b, HookOptions& o) {
  b.operand("ACTION",
            "list: which hooks there are. test: run one now. log: those that ran, the newest "
            "last.",
            o.action);
  b.operand("EVENT", "Which hook is meant: all of them but for test.", o.event);
  b.option("-n,--limit", "N", "log: show at most N lines; 0 for all.", o.limit);
  bind_json(b, o.format, "one JSON object for each line");
}

core::Result<> check(const HookOptions& o) {
  if (o.limit < 0) return core::fail(core::Errc::usage, "--limit: must not be negative");
  if (o.action == HookAction::test && !o.event) {
    return core::fail(core::Errc::usage,
                      "test needs an EVENT: " + core::list_names<core::netstate::HookEvent>());
  }
  return {};
}

}  // namespace

core::cli::Declaration<HookOptions> hook_command() {
  using core::cli::Does;
  using core::cli::ExitCode;
  return {.doc = {.name = "hook",
                  .summary = "Show, try and account for hooks",
                  .description =
                      "Programs in `hooks/` of the queue directory are run when the mode becomes "
                      "online or offline, and for each change. A test gives one what is published "
                      "now; it changes nothing about what hooks are told by themselves.",
                  .group = "State",
                  .examples = {{"netwatch hook list", "Are my hooks as they must be?"},
                               {"netwatch hook test on-online", "Does it work?"}},
                  .exit_codes = core::cli::exit_codes(
                      {{ExitCode::ok, "Done."},
                       {ExitCode::no, "test: the hook has failed."},
                       {ExitCode::not_found, "test: there is no such hook."},
                       {ExitCode::later, "test: another process is running hooks."},
                       {ExitCode::denied, "test: the hook must not be run."}},
                      {Does::reads, Does::writes, Does::waits}),
                  .files = {{"hooks/on-online", "Run when the mode has become online."},
                            {"hooks/on-offline", "Run when it has become offline."},
                            {"hooks/on-change", "Run after these, for each change."}},
                  .see_also = {"offkit-network(5)"}},
          .bind = bind,
          .program = {},
          .check = check};
}

}  // namespace netwatch
