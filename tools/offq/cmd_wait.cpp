// SPDX-License-Identifier: MIT
#include "tools/offq/cmd_wait.hpp"

namespace offq {
namespace {

void bind(core::cli::Binder& b, WaitOptions& o) {
  bind_ids(b, o.ids);
  b.option("--timeout", "DURATION", "Wait no longer than DURATION.", o.timeout);
}

}  // namespace

core::cli::Declaration<WaitOptions> wait_command() {
  using core::cli::ExitCode;
  return {
      .doc = {.name = "wait",
              .summary = "Wait until operations are delivered or have failed",
              .description = "Returns when all of the operations are delivered, or one of them "
                             "has failed; without an ID, when nothing is pending any more. It "
                             "watches the queue and sends nothing itself: another `offq sync` does "
                             "that.",
              .group = "Delivery",
              .examples = {{"offq wait --timeout 1h \"$id\" && rm run.json",
                            "Clean up once it was delivered:"}},
              .exit_codes = {{ExitCode::ok,
                              "All of them are delivered; without an ID: nothing is pending."},
                             {ExitCode::no, "One of them has failed or was deleted."},
                             {ExitCode::not_found, "An ID matches no operation."},
                             {ExitCode::io, {}},
                             {ExitCode::denied, {}},
                             {ExitCode::timeout, {}},
                             {ExitCode::interrupted, {}},
                             {ExitCode::terminated, {}}}},
      .bind = bind,
      .program = "offq-store"};
}

}  // namespace offq
