// SPDX-License-Identifier: MIT
#include "tools/offq/cmd_enqueue.hpp"

namespace offq {
namespace {

void bind(core::cli::Binder& b, EnqueueOptions& o) {
  bind_submit(b, o.submit);
  b.option("--print", "FORMAT", "What to print: the id alone, or a JSON object.", o.submit.print);
}

core::Result<> check(const EnqueueOptions& o) {
  return check_submit(o.submit);
}

}  // namespace

core::cli::Declaration<EnqueueOptions> enqueue_command() {
  using core::cli::ExitCode;
  return {
      .doc = {.name = "enqueue",
              .summary = "Queue a request; the printed id is safe on disk",
              .description =
                  "Writes the request to the queue and prints its id. When the id is printed the "
                  "operation is on disk and survives a crash or a power cut; nothing is sent yet. "
                  "`offq sync` delivers it, at once or when the network is back, and `offq send` "
                  "does both.\n\nThe options that describe the request are those of curl: `curl -d "
                  "@x.json URL` becomes `offq enqueue -d @x.json URL`. Bodies above 64 KiB and "
                  "files are stored beside the operation by their SHA-256.\n\nWith `--ndjson` "
                  "every line is one operation: either its payload, or an object of the queue's "
                  "format with `type`, `request`, `payload` and the other fields. What the queue "
                  "itself gives, `id`, `v`, `created_at`, `boot` and `sum`, is ignored in such a "
                  "line, so that it may come from another queue. All lines are written as one "
                  "file, with one id for each line.",
              .group = "Requests",
              .examples =
                  {{"offq enqueue https://api.example.com/v1/runs -d '{\"lr\":0.1}'",
                    "POST some JSON, now or whenever the network is back:"},
                   {"offq enqueue -T model.bin https://files.example.com/model.bin",
                    "Upload a file with PUT:"},
                   {"offq enqueue https://api.example.com/orders --lane orders -d @order.json",
                    "One after the other, in this order:"},
                   {"offq enqueue https://api.example.com/led -d 1 --key led --if-pending replace",
                    "Only the newest value, if several wait:"},
                   {"metrics | offq enqueue --type metric_log --ndjson",
                    "A stream of metrics, one operation per line:"}},
              .exit_codes = {{ExitCode::ok, "The operation is on disk."},
                             {ExitCode::corrupt, "The body is not valid JSON."},
                             {ExitCode::not_found, "A file that was named does not exist."},
                             {ExitCode::full, "The queue or the disk is full."},
                             {ExitCode::io, {}},
                             {ExitCode::later,
                              "With `--if-pending error`: an operation with this key is pending."},
                             {ExitCode::denied,
                              "The queue belongs to somebody else, or a file may not be read."},
                             {ExitCode::config, {}}},
              .see_also = {"offq-queue(5)", "offkit(7)"}},
      .bind = bind,
      .check = check};
}

}  // namespace offq
