// SPDX-License-Identifier: MIT
#include "tools/offq/run_sync.hpp"

#include <algorithm>
#include <optional>
#include <span>
#include <utility>

#include <fmt/core.h>

#include "libcore/cli/progress.hpp"
#include "libcore/sys/signal.hpp"
#include "tools/offq/delivery_report.hpp"
#include "tools/offq/delivery_session.hpp"
#include "tools/offq/dry_run.hpp"
#include "tools/offq/names.hpp"
#include "tools/offq/open_queue.hpp"
#include "tools/offq/settings.hpp"
#include "tools/offq/watch_report.hpp"
#include "tools/offq/watcher.hpp"

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

Result<delivery::RunOptions> run_options(Context& context, queue::Store& store,
                                         const core::config::Config& config,
                                         const SyncOptions& options) {
  auto run = configured_run(context, config);
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

using Unreadable = std::span<const queue::Recovered::Unreadable>;

// Why some of what was to be sent could not be read, if so. A disk that fails is worse than a
// missing permission.
std::optional<ExitCode> unreadable_code(const delivery::Summary& summary,
                                        Unreadable found_on_opening) {
  auto unreadable = summary.unreadable;
  auto forbidden = summary.forbidden;
  for (const auto& file : found_on_opening) {
    if (file.state != queue::State::pending) continue;
    ++unreadable;
    if (file.cause.code == Errc::denied) ++forbidden;
  }
  if (unreadable == 0) return std::nullopt;
  return unreadable == forbidden ? ExitCode::denied : ExitCode::io;
}

ExitCode exit_code_of(const delivery::Summary& summary, Unreadable found_on_opening) {
  if (const auto code = unreadable_code(summary, found_on_opening)) return *code;
  if (summary.failed > 0) return ExitCode::no;
  const bool something_waits = !summary.holds.empty() || summary.network || summary.budget ||
                               summary.retry > 0 || summary.out_of_time;
  return something_waits ? ExitCode::later : ExitCode::ok;
}

// Quiet is for cron, which mails every line: receipts and the exit code have it all.
bool is_to_be_told(const delivery::Report& report, core::cli::Verbosity verbosity) {
  using Outcome = delivery::Report::Outcome;
  if (verbosity == core::cli::Verbosity::quiet) return false;
  if (verbosity == core::cli::Verbosity::verbose) return true;
  return report.outcome == Outcome::failed || report.outcome == Outcome::retry;
}

void tell(Context& context, const delivery::Report& report) {
  const std::string line = report_line(report, context.clock.now());
  if (report.outcome == delivery::Report::Outcome::delivered) {
    context.note(line);
  } else {
    context.complain({.code = Errc::later, .message = line});
  }
}

Result<ExitCode> deliver(Context& context, queue::Store& store, DeliverySession& session,
                         delivery::RunOptions options, Format format) {
  TRY_ASSIGN(const auto pending, store.index().count({.states = {queue::State::pending}}));
  const bool is_of_all = options.schedule.only.empty();
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
    tell(context, report);
  };
  observer.on_progress = [&](const delivery::Summary& so_far) {
    progress.update({.done = so_far.delivered + so_far.failed + so_far.retry,
                     .total = pending,
                     .failed = so_far.failed});
  };
  observer.on_warning = [&](const std::string& message) {
    progress.clear();
    context.warn(message);
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
  // Whoever names operations is told of these alone.
  return exit_code_of(summary, is_of_all ? Unreadable(store.recovered().unreadable) : Unreadable());
}

// --watch.
Result<ExitCode> stay(Context& context, core::config::Config config, const SyncOptions& options) {
  core::sys::catch_interruptions();
  auto opened = open_to_stay(context);
  // To read what has come meanwhile may take long: whoever ends that is told the same.
  if (!opened && core::sys::interruption()) WatchReport(context, options.format).ends();
  TRY_ASSIGN(auto store, std::move(opened));
  TRY_ASSIGN(const auto lock, lock_out_watchers(store));
  warn_of_insecure_endpoints(context, config);
  const auto run_now = [&](const core::config::Config& now) {
    return run_options(context, store, now, options);
  };
  TRY_ASSIGN(const auto watcher,
             Watcher::over(context, store, std::move(config), run_now, options.format));
  TRY(watcher->run());
  return ExitCode::ok;
}

}  // namespace

Result<ExitCode> run_sync(Context& context, const SyncOptions& options) {
  TRY_ASSIGN(auto config, load_settings(context));
  if (!config.sync.enabled && options.dry_run == DryRun::no) {
    return fail(Errc::config, "sync: it is switched off (sync.enabled: false)");
  }
  if (options.stay == Stay::yes) return stay(context, std::move(config), options);
  TRY_ASSIGN(auto opened,
             options.dry_run == DryRun::yes ? open_to_look(context) : open_to_deliver(context));
  if (!opened) {
    if (!options.ids.empty()) {
      return fail(Errc::not_found, fmt::format("no such operation: {}", options.ids.front()));
    }
    context.note("no queue there yet: nothing to deliver");
    return ExitCode::ok;
  }
  queue::Store& store = *opened;
  if (options.dry_run == DryRun::yes) {
    TRY_ASSIGN(const auto run, run_options(context, store, config, options));
    return dry_run(context, store, config, run, options.format);
  }
  const auto on_busy = options.when_locked == WhenLocked::wait ? OnBusy::wait : OnBusy::refuse;
  const core::Duration began = context.clock.since_boot();
  TRY_ASSIGN(auto session, DeliverySession::open(context, store, config, on_busy, options.timeout));
  TRY_ASSIGN(auto run, run_options(context, store, config, options));
  const core::Duration waited = context.clock.since_boot() - began;
  if (run.timeout) run.timeout = std::max(*run.timeout - waited, core::Duration{0});
  return deliver(context, store, session, std::move(run), options.format);
}

}  // namespace offq
