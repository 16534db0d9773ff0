// SPDX-License-Identifier: MIT
#include "tools/offq/cmd_doctor.hpp"

namespace offq {
namespace {

void bind(core::cli::Binder& b, DoctorOptions& o) {
  b.flag("--json", "Print one JSON object.", o.format, core::cli::Format::json);
}

}  // namespace

core::cli::Declaration<DoctorOptions> doctor_command() {
  using core::cli::ExitCode;
  return {
      .doc = {.name = "doctor",
              .summary = "Say what is guaranteed here, and what it costs",
              .description =
                  "Examines the place where the queue is: its owner, the filesystem and how it "
                  "is mounted, how long it takes to make a file durable, free space, locks, the "
                  "clock, and the configuration. Ends with one sentence: what a printed id "
                  "survives here.\n\n"
                  "Writes small files in the `tmp/` of the queue for about a second, and "
                  "removes them. Where no queue is yet, none is made, and nothing is measured.",
              .group = "Maintenance",
              .examples = {{"offq doctor", "Is my queue safe here?"},
                           {"offq doctor --json | jq -r .promise", "Only the sentence:"}},
              .exit_codes = {{ExitCode::ok, "Everything is as it should be."},
                             {ExitCode::no, "A promise is weaker here than it could be."},
                             {ExitCode::corrupt,
                              "The queue is damaged: queue.json cannot be read."},
                             {ExitCode::full, "Nothing can be enqueued: the disk is full."},
                             {ExitCode::io, "Nothing can be enqueued: an input/output error."},
                             {ExitCode::denied, "Nothing can be enqueued: it is not permitted."}},
              .see_also = {"offq-queue(5)"}},
      .bind = bind,
      .program = "offq-store"};
}

}  // namespace offq
