// SPDX-License-Identifier: MIT
#include "tools/offq/run_sync.hpp"

#include <utility>

#include <fmt/core.h>

#include "libcore/base/text.hpp"
#include "libcore/cli/progress.hpp"
#include "libcore/cli/record.hpp"
#include "libcore/cli/table.hpp"
#include "libcore/delivery/route.hpp"
#include "libcore/queue/operation.hpp"
#include "libcore/sys/signal.hpp"
#include "tools/offq/delivery_report.hpp"
#include "tools/offq/delivery_session.hpp"
#include "tools/offq/names.hpp"
#include "tools/offq/open_queue.hpp"
#include "tools/offq/settings.hpp"

namespace offq {

namespace queue = core::queue;
namespace delivery = core::delivery;
using core::name_of;

namespace {

Result<std::vector<core::OperationId>> resolve_all(queue::Store& store,
                                                   const std::vector<std::string>& typed) {
  std::vector<core::OperationId> ids;
  for (const auto& text : typed) {
    TRY_ASSIGN(const auto entry, store.resolve(text));
    if (entry.state() != queue::State::pending) {
      return fail(Errc::usage,
                  fmt::format("cannot send {}: it is {}", entry.id.text(), name_of(entry.state())));
    }
    ids.push_back(entry.id);
  }
  return ids;
}

Result<delivery::RunOptions> run_options(const DeliverySession& session, queue::Store& store,
                                         const SyncOptions& options) {
  auto run = session.options();
  if (options.concurrency) run.concurrency = *options.concurrency;
  if (options.max_ops) run.max_ops = static_cast<std::uint64_t>(*options.max_ops);
  if (options.batch_size) run.schedule.page = static_cast<std::uint64_t>(*options.batch_size);
  run.timeout = options.timeout;
  run.force = options.force == Force::yes;
  run.schedule.query.ignore_times = run.force;
  run.schedule.query.types = options.types;
  run.schedule.query.lane_names = options.lanes;
  TRY_ASSIGN(run.schedule.only, resolve_all(store, options.ids));
  return run;
}

ExitCode exit_code_of(const delivery::Summary& summary) {
  if (summary.unreadable > 0) return ExitCode::io;
  if (summary.failed > 0) return ExitCode::no;
  const bool something_waits = !summary.holds.empty() || summary.retry > 0 || summary.out_of_time;
  return something_waits ? ExitCode::later : ExitCode::ok;
}

// Says what would be sent, in order, without sending it.
Result<ExitCode> dry_run(Context& context, queue::Store& store, const core::config::Config& config,
                         const delivery::RunOptions& options, Format format) {
  const delivery::Router router(config, store.files());
  delivery::Scheduler scheduler(store.index(), options.schedule);
  TRY(scheduler.open());
  core::cli::Table table(context,
                         {{.field = "id", .header = "ID"},
                          {.field = "type", .header = "TYPE", .max_width = 20, .yields = 1},
                          {.field = "method", .header = "METHOD", .yields = 2},
                          {.field = "url", .header = "URL", .max_width = 60, .min_width = 20},
                          {.field = "bytes", .header = "SIZE", .align = core::cli::Align::right},
                          {.field = "problem", .header = "PROBLEM", .yields = 3}},
                         {.format = format});
  std::uint64_t requests = 0;
  std::uint64_t bytes = 0;
  while (!options.max_ops || requests < *options.max_ops) {
    TRY_ASSIGN(const auto entry, scheduler.next([](const std::string&) { return true; }));
    if (!entry || context.out.is_closed()) break;
    core::cli::Record record;
    record.add("id", entry->id.text()).add("type", entry->type);
    TRY_ASSIGN(const auto operation, queue::load_operation(store.files(), *entry));
    const auto route = router.route(operation);
    if (route) {
      record.add("method", route->request.method).add("url", route->request.url);
    } else {
      record.add("problem", route.error().message);
    }
    record.add("bytes", core::ByteCount{entry->body_bytes});
    table.add(record);
    ++requests;
    bytes += entry->body_bytes;
  }
  table.finish();
  if (format == Format::json) {
    core::cli::Record summary;
    summary.add("dry_run", true).add("requests", requests).add("bytes", bytes);
    context.out.print("{}\n", summary.json());
  } else {
    context.err.print("{} request{} with {} of bodies would be sent\n", requests,
                      requests == 1 ? "" : "s", core::format_size({bytes}));
  }
  return ExitCode::ok;
}

// Quiet is for cron, which mails every line: receipts and the exit code have it all.
bool is_to_be_told(const delivery::Report& report, core::cli::Verbosity verbosity) {
  using Outcome = delivery::Report::Outcome;
  if (verbosity == core::cli::Verbosity::quiet) return false;
  if (verbosity == core::cli::Verbosity::verbose) return true;
  return report.outcome == Outcome::failed || report.outcome == Outcome::retry;
}

Result<ExitCode> deliver(Context& context, queue::Store& store, DeliverySession& session,
                         delivery::RunOptions options, Format format) {
  TRY_ASSIGN(const auto pending, store.index().count({.states = {queue::State::pending}}));
  const bool as_json = format == Format::json;
  core::cli::Progress progress(
      context, "sync", as_json ? core::cli::Progress::Show::no : core::cli::Progress::Show::yes);
  delivery::Observer observer;
  observer.on_report = [&](const delivery::Report& report) {
    if (as_json) {
      context.out.print("{}\n", report_record(report).json());
      return;
    }
    if (!is_to_be_told(report, context.verbosity)) return;
    progress.clear();
    context.err.print("{}: {}\n", context.program, report_line(report, context.clock.now()));
  };
  observer.on_progress = [&](const delivery::Summary& so_far) {
    progress.update({.done = so_far.delivered + so_far.failed + so_far.retry,
                     .total = pending,
                     .failed = so_far.failed});
  };
  TRY_ASSIGN(const auto summary, session.run(std::move(options), std::move(observer)));
  progress.clear();
  if (as_json) {
    context.out.print("{}\n", summary_record(summary).json());
  } else {
    print_summary(context, summary);
  }
  TRY(context.out.flush());
  TRY(core::sys::check_interruption());
  return exit_code_of(summary);
}

}  // namespace

Result<ExitCode> run_sync(Context& context, const SyncOptions& options) {
  TRY_ASSIGN(const auto config, load_settings(context));
  if (!config.sync.enabled && options.dry_run == DryRun::no) {
    return fail(Errc::config, "sync: it is switched off (sync.enabled: false)");
  }
  TRY_ASSIGN(auto opened, open_to_look(context));
  if (!opened) {
    if (!options.ids.empty()) {
      return fail(Errc::not_found, fmt::format("no such operation: {}", options.ids.front()));
    }
    context.note("no queue there yet: nothing to deliver");
    return ExitCode::ok;
  }
  queue::Store& store = *opened;
  const auto on_busy = options.when_locked == WhenLocked::wait ? OnBusy::wait : OnBusy::refuse;
  TRY_ASSIGN(auto session, DeliverySession::open(context, store, config, on_busy));
  TRY_ASSIGN(auto run, run_options(session, store, options));
  if (options.dry_run == DryRun::yes) return dry_run(context, store, config, run, options.format);
  return deliver(context, store, session, std::move(run), options.format);
}

}  // namespace offq
