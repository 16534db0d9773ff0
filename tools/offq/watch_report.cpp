// SPDX-License-Identifier: MIT
#include "tools/offq/watch_report.hpp"

#include <utility>

#include <fmt/core.h>

#include "tools/offq/delivery_report.hpp"
#include "tools/offq/names.hpp"

namespace offq {

namespace delivery = core::delivery;
using core::cli::Verbosity;
using Outcome = delivery::Report::Outcome;

namespace {

// Different ones, that is; more than a person reads.
constexpr std::size_t k_most_warnings = 100;

std::string counts_of(const delivery::Summary& total) {
  std::string text = fmt::format("{} delivered", total.delivered);
  if (total.failed > 0) text += fmt::format(", {} failed", total.failed);
  return text;
}

bool has_news(const delivery::Summary& summary) {
  return summary.delivered + summary.failed + summary.retry + summary.unreadable > 0;
}

}  // namespace

WatchReport::WatchReport(Context& context, Format format)
    : context_(context),
      format_(format),
      progress_(context, "sync",
                is_json() ? core::cli::Progress::Show::no : core::cli::Progress::Show::yes),
      supervisor_(context.environment) {}

void WatchReport::begins() {
  supervisor_.tell("READY=1\n");
}

void WatchReport::outcome(const delivery::Report& report) {
  warnings_.clear();
  if (is_json()) {
    context_.out.print("{}\n", report_record(report).json());
    // What cannot be written is told at the end of the run.
    if (!context_.out.is_closed()) static_cast<void>(context_.out.flush());
    return;
  }
  const bool is_trouble = report.outcome == Outcome::failed || report.outcome == Outcome::retry;
  if (context_.verbosity == Verbosity::quiet) return;
  if (context_.verbosity == Verbosity::normal && !is_trouble) return;
  clear();
  const std::string line = report_line(report, context_.clock.now());
  if (report.outcome == Outcome::delivered) {
    context_.note(line);
  } else {
    context_.complain({.code = Errc::later, .message = line});
  }
}

void WatchReport::progress(const delivery::Summary& so_far) {
  progress_.update(
      {.done = so_far.delivered + so_far.failed + so_far.retry, .failed = so_far.failed});
}

void WatchReport::warning(const std::string& message) {
  if (warnings_.size() >= k_most_warnings) warnings_.clear();
  if (!warnings_.insert(message).second) return;
  clear();
  context_.warn(message);
}

void WatchReport::say(const std::string& message) {
  clear();
  context_.say(message);
}

void WatchReport::run_ended(const delivery::Summary& summary) {
  progress_.clear();
  total_.delivered += summary.delivered;
  total_.retry += summary.retry;
  total_.failed += summary.failed;
  total_.bytes_out += summary.bytes_out;
  total_.bytes_in += summary.bytes_in;
  total_.holds = summary.holds;
  const auto before = std::pair(holds_, offline_);
  tell_network(summary);
  tell_budget(summary);
  tell_holds(summary);
  if (is_json() && (has_news(summary) || before != std::pair(holds_, offline_))) {
    context_.out.print("{}\n", summary_record(summary).json());
  }
}

// Once, and not for each operation that comes.
void WatchReport::tell_network(const delivery::Summary& summary) {
  const std::string why = summary.network ? summary.network->why : std::string{};
  const auto before = std::exchange(offline_, why);
  if (before == why || is_json() || context_.verbosity == Verbosity::quiet) return;
  if (!summary.network) return say("no longer offline");
  clear();
  context_.complain({.code = Errc::later,
                     .message = network_line(*summary.network, summary.waiting_for_network,
                                             context_.clock.now())});
}

void WatchReport::tell_budget(const delivery::Summary& summary) {
  const bool is_over = summary.budget.has_value();
  if (std::exchange(is_over_budget_, is_over) == is_over || is_json()) return;
  if (context_.verbosity == Verbosity::quiet) return;
  if (!is_over) return say("no longer over budget");
  clear();
  context_.complain(
      {.code = Errc::later,
       .message = budget_line(*summary.budget, summary.waiting_for_budget, context_.clock.now())});
}

void WatchReport::tell_holds(const delivery::Summary& summary) {
  std::map<std::string, std::string> now;
  for (const auto& held : summary.holds) {
    const auto known = holds_.find(held.hold.destination);
    const bool is_told = known != holds_.end() && known->second == held.hold.reason;
    now[held.hold.destination] = held.hold.reason;
    if (is_told || is_json() || context_.verbosity == Verbosity::quiet) continue;
    clear();
    context_.complain({.code = Errc::later, .message = hold_line(held, context_.clock.now())});
  }
  for (const auto& [destination, reason] : holds_) {
    if (!now.contains(destination) && !is_json()) say("no longer held: " + destination);
  }
  holds_ = std::move(now);
}

void WatchReport::at_rest(std::uint64_t pending) {
  std::string status = fmt::format("watching: {}, {} pending", counts_of(total_), pending);
  if (!offline_.empty()) status += ", offline";
  if (is_over_budget_) status += ", over budget";
  if (!holds_.empty()) status += fmt::format(", {} held", holds_.begin()->first);
  if (holds_.size() > 1) status += fmt::format(" and {} more", holds_.size() - 1);
  if (status != status_) {
    supervisor_.tell("STATUS=" + status);
    context_.note(status);
  }
  const bool is_for_terminal = context_.terminal.err_is_terminal && context_.terminal.has_colour &&
                               context_.verbosity != Verbosity::quiet && !is_json();
  if (is_for_terminal && (status != status_ || !status_is_shown_)) {
    context_.err.write("\r" + status + "\x1b[K");
    status_is_shown_ = true;
  }
  status_ = std::move(status);
}

void WatchReport::clear() {
  progress_.clear();
  if (std::exchange(status_is_shown_, false)) context_.err.write("\r\x1b[K");
}

void WatchReport::ends() {
  clear();
  supervisor_.tell("STOPPING=1\n");
  if (is_json() || context_.verbosity == Verbosity::quiet) return;
  context_.out.print("{}\n", counts_of(total_));
}

}  // namespace offq
