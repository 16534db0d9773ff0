// SPDX-License-Identifier: MIT
#include "tools/offq/cmd_send.hpp"

namespace offq {
namespace {

void bind(core::cli::Binder& b, SendOptions& o) {
  bind_submit(b, o.submit);
  b.option("--timeout", "DURATION", "Leave it queued when there is no answer within DURATION.",
           o.timeout);
}

core::Result<> check(const SendOptions& o) {
  if (o.submit.ndjson.given) {
    return core::fail(core::Errc::usage, "option not for send: --ndjson: use enqueue and sync");
  }
  return check_submit(o.submit);
}

}  // namespace

core::cli::Declaration<SendOptions> send_command() {
  using core::cli::ExitCode;
  return {
      .doc = {.name = "send",
              .summary = "Queue a request and try to deliver it at once",
              .description = "Queues the request as `offq enqueue` does and then delivers it, if "
                             "that can be done now. What cannot be delivered stays in the queue. "
                             "Either way one JSON object is printed: `success` (delivered "
                             "or safely queued), `synced` (delivered), `cached` (still queued), "
                             "`id`, `message` and `kept` (an older operation of its `--key` is "
                             "pending, which was kept and tried instead).",
              .group = "Requests",
              .examples = {{"offq send https://api.example.com/v1/runs --json @run.json",
                            "Send now if possible, later if not:"},
                           {"offq send --timeout 5s https://api.example.com/ping | jq .synced",
                            "Was it delivered within five seconds?"}},
              .exit_codes = {{ExitCode::ok, "Delivered, or safely queued."},
                             {ExitCode::no, "The server refused it for good."},
                             {ExitCode::corrupt, "The body is not valid JSON."},
                             {ExitCode::not_found, "A file that was named does not exist."},
                             {ExitCode::full, "The queue or the disk is full; nothing was queued."},
                             {ExitCode::io, {}},
                             {ExitCode::later, "`--if-pending error`, and one is pending."},
                             {ExitCode::denied, {}},
                             {ExitCode::config, {}},
                             {ExitCode::interrupted, "Interrupted; it is safely queued."},
                             {ExitCode::terminated, "Terminated; it is safely queued."}},
              .see_also = {"offq-queue(5)", "offkit(7)"}},
      .bind = bind,
      .program = "offq-sync",
      .check = check};
}

}  // namespace offq
