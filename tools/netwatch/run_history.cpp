// SPDX-License-Identifier: MIT
#include "tools/netwatch/run_history.hpp"

#include <algorithm>
#include <array>
#include <optional>
#include <string>

#include <fmt/core.h>

#include "libcore/netstate/history.hpp"
#include "libcore/netstate/reading.hpp"
#include "libcore/sys/files.hpp"
#include "tools/netwatch/vocabulary.hpp"

namespace netwatch {
namespace {

using netstate::State;

constexpr core::ByteCount k_log_limit{4U << 20U};
constexpr std::array k_states{State::connected, State::limited, State::disconnected};

struct Past {
  netstate::History history;
  Time believed_until;  // what was said last
};

Result<Past> read_past(Context& context) {
  const Time now = context.clock.now();
  const auto files = core::sys::RealFiles::at(context.directory);
  if (!files) {
    if (files.error().code == Errc::not_found) return Past{.history = {}, .believed_until = now};
    return tl::unexpected(files.error());
  }
  TRY_ASSIGN(const auto old_text,
             core::sys::read_file(*files, path::k_netwatch_history_old, k_log_limit));
  TRY_ASSIGN(const auto text, core::sys::read_file(*files, path::k_netwatch_history, k_log_limit));
  Past past{.history = netstate::parse_history(old_text.value_or(""), text.value_or("")),
            .believed_until = now};
  TRY_ASSIGN(const auto reading, netstate::read_network(*files, context.clock));
  if (reading.line) past.believed_until = std::min(now, reading.line->valid_until);
  if (past.history.unreadable > 0) {
    context.warn(fmt::format("history: {} lines cannot be read", past.history.unreadable));
  }
  return past;
}

Result<std::optional<Time>> begin_of(const HistoryOptions& options, Time now) {
  if (options.since.empty()) return std::nullopt;
  if (const auto span = core::parse_duration(options.since)) return now - *span;
  const auto time = core::parse_time(options.since);
  if (time) return *time;
  return core::fail(Errc::usage, fmt::format("invalid value: --since: '{}' is neither a span as "
                                             "24h nor a time (RFC 3339)",
                                             options.since));
}

std::string state_text(std::optional<State> state) {
  return std::string(state ? core::name_of(*state) : "unknown");
}

core::cli::Style style_of(const Record& row) {
  const auto* state = std::get_if<std::string>(&row.value("state"));
  if (state == nullptr) return core::cli::Style::plain;
  if (*state == core::name_of(State::connected)) return core::cli::Style::green;
  if (*state == core::name_of(State::disconnected)) return core::cli::Style::red;
  return *state == core::name_of(State::limited) ? core::cli::Style::yellow : core::cli::Style::dim;
}

void print_changes(Context& context, const Past& past, std::optional<Time> begin, Format format) {
  const auto& entries = past.history.entries;
  core::cli::Table table(context,
                         {{.field = "at", .header = "AT", .yields = 0},
                          {.field = "for", .header = "FOR", .align = core::cli::Align::right},
                          {.field = "state", .header = "STATE", .style = style_of},
                          {.field = "reason", .header = "REASON"},
                          {.field = "mode", .header = "MODE", .yields = 2},
                          {.field = "interface", .header = "INTERFACE", .yields = 1}},
                         {});
  for (std::size_t i = 0; i < entries.size(); ++i) {
    const auto& entry = entries[i];
    const Time end = i + 1 < entries.size() ? entries[i + 1].at : past.believed_until;
    if (begin && end < *begin) continue;
    if (format == Format::json) {
      context.out.write(entry.text + "\n");
      if (context.out.is_closed()) return;
      continue;
    }
    Record record;
    record.add("at", core::format_second(entry.at));
    record.add("for", core::format_duration(std::max(end - entry.at, Duration{})));
    record.add("state", state_text(entry.state)).add("reason", core::name_of(entry.reason));
    record.add("mode", core::name_of(entry.mode));
    record.add("interface", entry.interface.empty() ? "-" : entry.interface);
    table.add(record);
    if (context.out.is_closed()) return;
  }
  table.finish();
}

double seconds_of(Duration span) {
  return std::chrono::duration<double>(span).count();
}

std::string uptime_json(const netstate::Uptime& uptime) {
  using core::cli::Value;
  Record record;
  record.add("from", Value{uptime.from}).add("to", Value{uptime.to});
  const auto share = uptime.share(State::connected);
  if (share) record.add("uptime", Value{*share});
  for (const auto state : k_states) {
    record.add(std::string(core::name_of(state)) + "_s", Value{seconds_of(uptime.of(state))});
  }
  record.add("unknown_s", Value{seconds_of(uptime.unknown)}).add("outages", uptime.outages);
  if (uptime.longest_began) {
    record.add("longest_outage_s", Value{seconds_of(uptime.longest_outage)});
    record.add("longest_outage_at", Value{*uptime.longest_began});
  }
  return record.json() + "\n";
}

std::string uptime_text(const netstate::Uptime& uptime) {
  std::string text =
      fmt::format("{} to {} ({})\n", core::format_second(uptime.from),
                  core::format_second(uptime.to), core::format_duration(uptime.to - uptime.from));
  for (const auto state : k_states) {
    const auto share = uptime.share(state);
    text += fmt::format("  {:<13}{:>9}  {}\n", core::name_of(state),
                        share ? fmt::format("{:.3f} %", 100 * *share) : "-",
                        core::format_duration(uptime.of(state)));
  }
  text += fmt::format("  {:<13}{:>9}  {}\n", "unknown", "", core::format_duration(uptime.unknown));
  if (uptime.outages == 0) return text + "no outages\n";
  return text + fmt::format("{} outage{}, the longest {} from {}\n", uptime.outages,
                            uptime.outages == 1 ? "" : "s",
                            core::format_duration(uptime.longest_outage),
                            core::format_second(*uptime.longest_began));
}

}  // namespace

Result<ExitCode> run_history(Context& context, const HistoryOptions& options) {
  const Time now = context.clock.now();
  TRY_ASSIGN(const auto begin, begin_of(options, now));
  TRY_ASSIGN(const auto past, read_past(context));
  if (options.of == HistoryOf::changes) {
    print_changes(context, past, begin, options.format);
    return ExitCode::ok;
  }
  const auto uptime =
      netstate::uptime_of(past.history.entries, begin.value_or(Time{}), now, past.believed_until);
  if (past.history.entries.empty()) {
    return core::fail(Errc::later, "nobody has looked at the network yet");
  }
  context.out.write(options.format == Format::json ? uptime_json(uptime) : uptime_text(uptime));
  return ExitCode::ok;
}

}  // namespace netwatch
