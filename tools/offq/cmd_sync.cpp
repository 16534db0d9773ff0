// SPDX-License-Identifier: MIT
#include "tools/offq/cmd_sync.hpp"

#include <string>
#include <utility>

namespace offq {
namespace {

void bind(core::cli::Binder& b, SyncOptions& o) {
  bind_ids(b, o.ids);
  b.option("--concurrency", "N",
           "Requests in flight at once; the configuration says 16 unless changed.", o.concurrency);
  b.option("--max-ops", "N", "Deliver at most N operations.", o.max_ops);
  b.option("--batch-size", "N",
           "Operations per round and destination; the configuration says 50 unless changed.",
           o.batch_size);
  b.option("--type", "TYPE", "Only these types.", o.types);
  b.option("--lane", "NAME", "Only these lanes.", o.lanes);
  b.flag("--dry-run", "Say what would be sent, and what is held, and send nothing.", o.dry_run);
  b.flag("--force",
         "Ignore the state of the network, holds and times: try everything that is "
         "pending.",
         o.force);
  b.option("--timeout", "DURATION",
           "Stop after DURATION, `--wait` included; what is in flight is finished or left pending.",
           o.timeout);
  b.flag("--wait", "Wait for another sync of this queue instead of giving up.", o.when_locked);
  b.flag("--watch",
         "Stay, and deliver as operations come and fall due; see WATCHING in `offkit(7)`.", o.stay);
  b.flag("--json",
         "Print one JSON object per outcome, and a summary; with `--watch` one each time that "
         "nothing more is under way.",
         o.format, core::cli::Format::json);
}

core::Result<> check(const SyncOptions& o) {
  if ((o.concurrency && *o.concurrency < 1) || (o.batch_size && *o.batch_size < 1) ||
      (o.max_ops && *o.max_ops < 1)) {
    return core::fail(core::Errc::usage,
                      "invalid value: --concurrency, --batch-size, --max-ops: must be at least 1");
  }
  if (o.stay == Stay::no) return {};
  const std::pair<bool, const char*> contradictions[] = {
      {!o.ids.empty(), "ID"},
      {o.max_ops.has_value(), "--max-ops"},
      {o.dry_run == DryRun::yes, "--dry-run"},
      {o.force == Force::yes, "--force"},
      {o.timeout.has_value(), "--timeout"},
      {o.when_locked == WhenLocked::wait, "--wait"},
  };
  for (const auto& [given, name] : contradictions) {
    if (!given) continue;
    return core::fail(core::Errc::usage,
                      std::string("--watch excludes ") + name + ": it stays, and has no end");
  }
  return {};
}

}  // namespace

core::cli::Declaration<SyncOptions> sync_command() {
  using core::cli::ExitCode;
  return {
      .doc = {.name = "sync",
              .summary = "Deliver what is due",
              .description =
                  "Sends what is due and returns. Being offline costs nothing: no attempt is "
                  "charged and nothing fails. Temporary errors are tried again later with growing "
                  "pauses; what a server refuses for good goes to `failed`, with its answer. Every "
                  "request but GET, HEAD, OPTIONS and TRACE carries an Idempotency-Key, so that "
                  "repeating one after a crash does no harm.\n\nWhile netwatch says that "
                  "there is no network, or somebody has set the mode to offline, only what goes to "
                  "this machine itself is sent; see OFFLINE in `offkit(7)`.\n\nOne sync runs at a "
                  "time. Put `offq "
                  "sync` into cron, a timer, or a hook "
                  "that runs when the network comes back.\n\nThe exit status is about what this "
                  "run has sent, and not about what hooks enqueue meanwhile. Hooks are run while "
                  "the sync still has the lock: one that is to end with another `offq sync "
                  "--wait` must start that in the background; see HOOKS in `offkit(7)`.",
              .group = "Delivery",
              .examples = {{"offq sync", "Deliver what is due:"},
                           {"offq sync --dry-run", "What would be sent, and how much?"},
                           {"* * * * * offq sync --quiet", "From cron, every minute:"},
                           {"offq sync --watch", "Stay, and deliver what comes:"},
                           {"offq sync --force 9F3K",
                            "One operation, now, whatever the schedule says:"}},
              .exit_codes =
                  {{ExitCode::ok, "Everything that was due is delivered, or nothing was due."},
                   {ExitCode::no, "Some operations failed for good in this run."},
                   {ExitCode::not_found,
                    "An ID matches no operation; with `--watch`: the queue has been removed."},
                   {ExitCode::full, {}},
                   {ExitCode::io,
                    "A pending operation could not be read, which is warned of; the others have "
                    "been sent. Or another I/O error."},
                   {ExitCode::later,
                    "Offline, over budget, held back, or another sync is running; with `--watch`: "
                    "the queue is watched already."},
                   {ExitCode::denied,
                    "A pending operation may not be read, which is warned of; the others have been "
                    "sent. Or something else is not permitted."},
                   {ExitCode::config, {}},
                   {ExitCode::interrupted, "Interrupted; nothing is lost."},
                   {ExitCode::terminated, "Terminated; nothing is lost."}},
              .see_also = {"offkit(7)"}},
      .bind = bind,
      .program = "offq-sync",
      .check = check};
}

}  // namespace offq
