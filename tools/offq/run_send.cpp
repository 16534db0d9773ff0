// SPDX-License-Identifier: MIT
#include "tools/offq/run_send.hpp"

#include <algorithm>
#include <chrono>
#include <optional>
#include <string>
#include <utility>

#include <fmt/core.h>

#include "libcore/cli/record.hpp"
#include "libcore/queue/store.hpp"
#include "libcore/sys/signal.hpp"
#include "libcore/sys/wait.hpp"
#include "tools/offq/delivery_report.hpp"
#include "tools/offq/delivery_session.hpp"
#include "tools/offq/names.hpp"
#include "tools/offq/open_queue.hpp"
#include "tools/offq/settings.hpp"
#include "tools/offq/submit.hpp"

namespace offq {

namespace queue = core::queue;
namespace delivery = core::delivery;

namespace {

// What became of the attempt to deliver at once.
struct Attempt {
  std::optional<delivery::Report> report{};  // absent: it was not sent
  std::string why_not{};
};

std::string why_not_sent(const delivery::Summary& summary, core::Time now) {
  if (summary.stopped) return "interrupted, still queued";
  if (summary.network) return network_line(*summary.network, summary.waiting_for_network, now);
  if (summary.budget) return budget_line(*summary.budget, summary.waiting_for_budget, now);
  if (!summary.holds.empty()) return hold_line(summary.holds.front(), now);
  return summary.out_of_time ? "no answer in time" : "it is not due yet";
}

// A watcher delivers what is enqueued at once, and may have been quicker.
Result<std::optional<delivery::Report>> settled_by_watcher(queue::Store& store,
                                                           const core::OperationId& id) {
  using Outcome = delivery::Report::Outcome;
  TRY_ASSIGN(const auto entry, store.index().find(id));
  if (!entry || entry->state() == queue::State::pending) return std::nullopt;
  delivery::Report report;
  report.id = id;
  report.outcome = entry->state() == queue::State::synced ? Outcome::delivered : Outcome::failed;
  report.reason = entry->reason;
  report.verdict.message = fmt::format("failed: {}", core::name_of(entry->reason));
  return report;
}

// While a watcher is at work with something else too, for a moment.
Result<std::optional<delivery::Report>> await_watcher(Context& context, queue::Store& store,
                                                      const core::OperationId& id,
                                                      std::optional<core::Duration> timeout) {
  constexpr core::Duration k_longest{std::chrono::seconds{1}};
  constexpr core::Duration k_step{std::chrono::milliseconds{10}};
  const auto end = context.clock.since_boot() + std::min(timeout.value_or(k_longest), k_longest);
  while (true) {
    TRY_ASSIGN(auto report, settled_by_watcher(store, id));
    const bool is_over = context.clock.since_boot() >= end || core::sys::interruption();
    if (report || is_over || !watcher_of(store)) return report;
    core::sys::pause(k_step);
  }
}

Result<Attempt> deliver_now(Context& context, const SendOptions& options,
                            const core::config::Config& config, const core::OperationId& id) {
  if (!config.sync.enabled) return Attempt{.why_not = "sync is switched off (sync.enabled: false)"};
  TRY_ASSIGN(auto store, open_to_change(context));
  auto session = DeliverySession::open(context, store, config, OnBusy::refuse);
  if (!session) {
    TRY_ASSIGN(auto report, await_watcher(context, store, id, options.timeout));
    return Attempt{.report = std::move(report), .why_not = session.error().message};
  }
  TRY_ASSIGN(auto settled, settled_by_watcher(store, id));
  if (settled) return Attempt{.report = std::move(settled)};
  auto run = configured_run(context, config);
  run.schedule.only = {id};
  run.timeout = options.timeout;
  Attempt attempt;
  delivery::Observer observer;
  observer.on_report = [&](const delivery::Report& report) {
    if (report.id == id) attempt.report = report;
  };
  TRY_ASSIGN(const auto summary, session->run(std::move(run), std::move(observer)));
  if (attempt.report) return attempt;
  attempt.why_not = why_not_sent(summary, context.clock.now());
  return attempt;
}

}  // namespace

// Once the operation is queued, nothing that goes wrong with sending it is an error: it is safe.
Result<ExitCode> run_send(Context& context, const SendOptions& options) {
  TRY_ASSIGN(const auto config, load_settings(context));
  TRY_ASSIGN(const auto entry, submit(context, options.submit, config));
  const bool kept = entry.how == queue::Enqueued::How::kept;
  if (kept) {
    context.warn(
        fmt::format("key '{}' is pending already: {} is kept, and this request is not "
                    "queued",
                    options.submit.key.value_or(""), entry.id.text()));
  }
  Attempt attempt;
  if (auto tried = deliver_now(context, options, config, entry.id)) {
    attempt = *std::move(tried);
  } else {
    attempt.why_not = std::move(tried).error().message;
  }
  using Outcome = delivery::Report::Outcome;
  const bool synced = attempt.report && attempt.report->outcome == Outcome::delivered;
  const bool failed = attempt.report && attempt.report->outcome == Outcome::failed;
  std::string message = attempt.report ? attempt.report->verdict.message : attempt.why_not;
  if (synced) {
    const int status = attempt.report->status;
    message = status != 0 ? "delivered: " + std::to_string(status) : "delivered by the watcher";
  }
  core::cli::Record record;
  record.add("success", core::cli::Value{!failed});
  record.add("synced", core::cli::Value{synced});
  record.add("cached", core::cli::Value{!synced && !failed});
  record.add("id", entry.id.text()).add("message", message);
  record.add("kept", core::cli::Value{kept});
  context.out.print("{}\n", record.json());
  TRY(context.out.flush());
  if (!attempt.report) TRY(core::sys::check_interruption());
  return failed ? ExitCode::no : ExitCode::ok;
}

}  // namespace offq
