// SPDX-License-Identifier: MIT
#include "tools/offq/delivery_report.hpp"

#include <algorithm>
#include <string_view>
#include <utility>

#include <fmt/core.h>

#include "libcore/base/text.hpp"

namespace offq {

namespace delivery = core::delivery;
using core::name_of;
using core::cli::Record;
using Outcome = delivery::Report::Outcome;

namespace {

std::string hold_json(const delivery::HeldDestination& held) {
  return Record()
      .add("destination", held.hold.destination)
      .add("class", name_of(held.hold.kind))
      .add("message", held.hold.reason)
      .add("waiting", held.waiting)
      .add("until", held.hold.until == core::Time{} ? core::cli::Value{core::cli::Absent{}}
                                                    : core::cli::Value{held.hold.until})
      .json();
}

core::cli::Value waiting_json(Record record, const delivery::NetworkHold& hold,
                              std::uint64_t waiting) {
  record.add("message", hold.why)
      .add("waiting", waiting)
      .add("until",
           hold.until ? core::cli::Value{*hold.until} : core::cli::Value{core::cli::Absent{}});
  return core::cli::Value{core::cli::RawJson{record.json()}};
}

// What cannot be done now is charged nothing.
std::string attempt_text(const delivery::Report& report) {
  if (report.verdict.kind == delivery::Class::later) return {};
  return fmt::format("attempt {}, ", report.attempts);
}

}  // namespace

Record report_record(const delivery::Report& report) {
  Record record;
  record.add("id", report.id.text()).add("type", report.type);
  record.add("outcome", name_of(report.outcome));
  if (report.reason != core::codec::Reason::none) record.add("reason", name_of(report.reason));
  if (!report.destination.empty()) record.add("destination", report.destination);
  if (report.status != 0) record.add("status", report.status);
  if (report.outcome != Outcome::delivered) {
    record.add("class", name_of(report.verdict.kind)).add("message", report.verdict.message);
  }
  record.add("attempts", report.attempts).add("ms", report.elapsed.count());
  if (report.again_at) record.add("again_at", core::cli::Value{*report.again_at});
  return record;
}

Record summary_record(const delivery::Summary& summary) {
  std::string holds;
  for (const auto& held : summary.holds)
    holds += (holds.empty() ? "" : ",") + hold_json(held);
  Record counts;
  counts.add("delivered", summary.delivered)
      .add("retry", summary.retry)
      .add("failed", summary.failed)
      .add("held", core::cli::Value{core::cli::RawJson{"[" + holds + "]"}})
      .add("bytes_out", summary.bytes_out)
      .add("bytes_in", summary.bytes_in);
  if (summary.network) {
    Record record;
    record.add("mode", "offline");
    counts.add("network",
               waiting_json(std::move(record), *summary.network, summary.waiting_for_network));
  }
  if (summary.budget) {
    counts.add("budget", waiting_json({}, *summary.budget, summary.waiting_for_budget));
  }
  Record record;
  record.add("summary", core::cli::Value{core::cli::RawJson{counts.json()}});
  return record;
}

std::string report_line(const delivery::Report& report, core::Time now) {
  const std::string what = fmt::format("{}: {}", report.id.text(), report.type);
  const std::string why = core::printable(report.verdict.message, 200);
  switch (report.outcome) {
    case Outcome::delivered:
      return fmt::format("delivered {}: {} in {}ms", what, report.status, report.elapsed.count());
    case Outcome::retry:
      return fmt::format("{}: {}: {}again {}", what, why, attempt_text(report),
                         core::cli::relative_time(report.again_at.value_or(now), now));
    case Outcome::failed:
      return fmt::format("{}: failed ({}): {}", what, name_of(report.reason), why);
    case Outcome::held:
      return fmt::format("{}: held ({}): {}", what, name_of(report.verdict.kind), why);
  }
  return what;
}

std::string hold_line(const delivery::HeldDestination& held, core::Time now) {
  std::string line = fmt::format("held: {}: {}: {} operation{} wait{}", held.hold.destination,
                                 core::printable(held.hold.reason, 200), held.waiting,
                                 held.waiting == 1 ? "" : "s", held.waiting == 1 ? "s" : "");
  if (held.hold.until > now) {
    line += ", next try " + core::cli::relative_time(held.hold.until, now);
  }
  return line;
}

namespace {

std::string waiting_line(std::string_view begin, const delivery::NetworkHold& hold,
                         std::uint64_t waiting, core::Time now) {
  const bool is_one = waiting == 1;
  std::string line =
      fmt::format("{}: {}: {} operation{} wait{} until {}", begin, core::printable(hold.why, 200),
                  waiting, is_one ? "" : "s", is_one ? "s" : "", hold.end);
  if (hold.until) {
    line += fmt::format(", or {} ({})", core::format_second(*hold.until),
                        core::cli::relative_time(*hold.until, now));
  }
  return line;
}

}  // namespace

std::string network_line(const delivery::NetworkHold& hold, std::uint64_t waiting, core::Time now) {
  return waiting_line("offline", hold, waiting, now);
}

std::string budget_line(const delivery::NetworkHold& hold, std::uint64_t waiting, core::Time now) {
  return waiting_line("over budget", hold, waiting, now);
}

void print_summary(core::cli::Context& context, const delivery::Summary& summary) {
  if (context.verbosity == core::cli::Verbosity::quiet) return;
  const core::Time now = context.clock.now();
  if (summary.network) {
    context.complain({.code = core::Errc::later,
                      .message = network_line(*summary.network, summary.waiting_for_network, now)});
  }
  if (summary.budget) {
    context.complain({.code = core::Errc::later,
                      .message = budget_line(*summary.budget, summary.waiting_for_budget, now)});
  }
  for (const auto& held : summary.holds) {
    context.complain({.code = core::Errc::later, .message = hold_line(held, now)});
  }
  std::string counts = fmt::format("{} delivered", summary.delivered);
  if (summary.retry > 0) counts += fmt::format(", {} to be tried again", summary.retry);
  if (summary.failed > 0) counts += fmt::format(", {} failed", summary.failed);
  std::uint64_t waiting = summary.waiting_for_network + summary.waiting_for_budget;
  for (const auto& held : summary.holds)
    waiting += held.waiting;
  if (waiting > 0) counts += fmt::format(", {} held", waiting);
  if (summary.out_of_time) counts += " (out of time)";
  context.out.print("{}\n", counts);
}

}  // namespace offq
