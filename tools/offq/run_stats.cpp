// SPDX-License-Identifier: MIT
#include "tools/offq/run_stats.hpp"

#include <algorithm>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include <fmt/core.h>

#include "libcore/codec/json_text.hpp"
#include "libcore/queue/layout.hpp"
#include "tools/offq/names.hpp"
#include "tools/offq/next_due.hpp"
#include "tools/offq/open_queue.hpp"
#include "tools/offq/operation_record.hpp"
#include "tools/offq/settings.hpp"

namespace offq {
namespace {

using core::Time;
using core::cli::Align;
using core::cli::Record;
using core::cli::Style;
using core::codec::JsonObject;
using core::codec::Reason;
using core::queue::State;
using core::queue::StateTotals;

struct Span {
  const char* name;
  core::Duration length;
};
constexpr Span k_spans[] = {{"minute", std::chrono::minutes{1}},
                            {"hour", std::chrono::hours{1}},
                            {"day", std::chrono::hours{24}}};

struct Statistics {
  std::vector<StateTotals> totals;
  std::vector<std::pair<Reason, std::uint64_t>> reasons;  // of what failed; only those that occur
  std::vector<core::queue::Outcomes> outcomes;            // beside k_spans
  core::queue::Amount used;                               // as the queue's limits count
  std::optional<core::queue::Limits> limits;
  std::optional<Time> next_due_at;
  std::optional<bool> has_reserve;  // absent: there is no queue yet
};

Result<> count(Statistics& found, core::queue::Store& store, const Context& context) {
  core::queue::Index& index = store.index();
  TRY_ASSIGN(found.totals, index.totals());
  for (const auto name : core::enum_names<Reason>) {
    const auto reason = core::value_of<Reason>(name).value_or(Reason::none);
    TRY_ASSIGN(const auto ops, index.count({.states = {State::failed}, .reasons = {reason}}));
    if (ops > 0) found.reasons.emplace_back(reason, ops);
  }
  const Time now = context.clock.now();
  for (const auto& span : k_spans) {
    TRY_ASSIGN(const auto outcomes, index.outcomes_since(now - span.length));
    found.outcomes.push_back(outcomes);
  }
  TRY_ASSIGN(found.used, index.pending_amount());
  TRY_ASSIGN(found.next_due_at, next_due(context, index));
  TRY_ASSIGN(const auto reserve, store.files().status(core::queue::path::k_reserve));
  found.has_reserve = reserve && reserve->size > 0;
  return {};
}

Result<Statistics> gather(Context& context) {
  Statistics found;
  TRY_ASSIGN(auto store, open_to_look(context));
  if (store) TRY(count(found, *store, context));
  found.outcomes.resize(std::size(k_spans));
  const auto settings = load_settings(context);
  if (settings) {
    found.limits = {.max_size = settings->queue.max_size, .max_ops = settings->queue.max_ops};
  } else {
    context.warn(settings.error().message);
  }
  return found;
}

// --- json ---

std::string json_of(State state, const Statistics& found) {
  std::uint64_t ops = 0;
  std::uint64_t bytes = 0;
  std::optional<Time> oldest;
  JsonObject types;
  for (const auto& total : found.totals) {
    if (total.state != state) continue;
    ops += total.ops;
    bytes += total.bytes;
    if (total.oldest) oldest = std::min(oldest.value_or(*total.oldest), *total.oldest);
    types.add_raw(total.type, JsonObject().add("ops", total.ops).add("bytes", total.bytes).text());
  }
  JsonObject object;
  object.add("ops", ops).add("bytes", bytes);
  if (oldest) object.add("oldest_at", std::string_view{core::format_time(*oldest)});
  object.add_raw("types", types.text());
  if (state != State::failed) return object.text();
  JsonObject reasons;
  for (const auto& [reason, count] : found.reasons)
    reasons.add(reason == Reason::none ? "unknown" : core::name_of(reason), count);
  return object.add_raw("reasons", reasons.text()).text();
}

std::string json_of(const Statistics& found) {
  JsonObject object;
  for (const State state : core::queue::k_states)
    object.add_raw(core::name_of(state), json_of(state, found));
  if (found.next_due_at) {
    object.add("next_due_at", std::string_view{core::format_time(*found.next_due_at)});
  }
  JsonObject last;
  for (std::size_t i = 0; i < std::size(k_spans); ++i) {
    const auto& [synced, failed] = found.outcomes[i];
    last.add_raw(k_spans[i].name, JsonObject().add("synced", synced).add("failed", failed).text());
  }
  object.add_raw("last", last.text());
  JsonObject limits;
  limits.add("ops", found.used.ops).add("bytes", found.used.bytes);
  if (found.limits) {
    limits.add("max_ops", found.limits->max_ops).add("max_bytes", found.limits->max_size.value);
  }
  return object.add_raw("usage", limits.text())
      .add("reserve", found.has_reserve.value_or(false))
      .text();
}

// --- text ---

Style style_of_row(const Record& row) {
  const auto* state = std::get_if<std::string>(&row.value("state"));
  return style_of(core::value_of<State>(state == nullptr ? "" : *state).value_or(State::pending));
}

void print_totals(Context& context, const Statistics& found) {
  core::cli::Table table(context,
                         {{.field = "state", .header = "STATE", .style = style_of_row},
                          {.field = "type", .header = "TYPE"},
                          {.field = "ops", .header = "OPS", .align = Align::right},
                          {.field = "bytes", .header = "SIZE", .align = Align::right},
                          {.field = "oldest", .header = "OLDEST", .align = Align::right}},
                         {});
  for (const auto& total : found.totals) {
    Record row;
    row.add("state", core::name_of(total.state)).add("type", total.type);
    row.add("ops", total.ops).add("bytes", core::ByteCount{total.bytes});
    if (total.oldest) row.add("oldest", *total.oldest);
    table.add(row);
  }
  table.finish();
  if (found.totals.empty()) context.out.write("no operations\n");
}

void line(Context& context, std::string_view label, const std::string& text) {
  constexpr std::size_t k_label_width = 10;
  context.out.write(core::cli::styled(fmt::format("{:<{}}", label, k_label_width), Style::dim,
                                      context.out_color) +
                    text + "\n");
}

double percent(std::uint64_t part, std::uint64_t whole) {
  constexpr double k_all = 100;
  return whole == 0 ? k_all : k_all * static_cast<double>(part) / static_cast<double>(whole);
}

void print_usage(Context& context, const Statistics& found) {
  const auto& [ops, bytes] = found.used;
  std::string text = fmt::format("{} operations, {}", ops, core::format_size({bytes}));
  if (found.limits) {
    text = fmt::format("{} of {} operations ({:.1f}%), {} of {} ({:.1f}%)", ops,
                       found.limits->max_ops, percent(ops, found.limits->max_ops),
                       core::format_size({bytes}), core::format_size(found.limits->max_size),
                       percent(bytes, found.limits->max_size.value));
  }
  line(context, "usage", text + (found.has_reserve.value_or(true) ? "" : ", no reserve"));
}

void print(Context& context, const Statistics& found) {
  print_totals(context, found);
  context.out.write("\n");
  std::string reasons;
  for (const auto& [reason, ops] : found.reasons) {
    reasons += fmt::format("{}{} {}", reasons.empty() ? "" : ", ", ops,
                           reason == Reason::none ? "unknown" : core::name_of(reason));
  }
  if (!reasons.empty()) line(context, "failed", reasons);
  for (std::size_t i = 0; i < std::size(k_spans); ++i) {
    const auto& [synced, failed] = found.outcomes[i];
    line(context, fmt::format("1 {}", k_spans[i].name),
         fmt::format("{} synced, {} failed", synced, failed));
  }
  if (found.next_due_at) {
    line(context, "next", core::cli::relative_time(*found.next_due_at, context.clock.now()));
  }
  print_usage(context, found);
}

}  // namespace

Result<ExitCode> run_stats(Context& context, const StatsOptions& options) {
  TRY_ASSIGN(const Statistics found, gather(context));
  if (options.format == Format::json) {
    context.out.write(json_of(found) + "\n");
  } else {
    print(context, found);
  }
  return ExitCode::ok;
}

}  // namespace offq
