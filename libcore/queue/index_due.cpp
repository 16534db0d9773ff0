// SPDX-License-Identifier: MIT
// What the scheduler asks of the index.

#include "libcore/queue/index_due.hpp"

#include <algorithm>
#include <string>
#include <string_view>
#include <tuple>
#include <utility>

#include <fmt/core.h>

#include "libcore/base/text.hpp"
#include "libcore/queue/index.hpp"
#include "libcore/queue/index_rows.hpp"
#include "libcore/queue/index_statements.hpp"
#include "libcore/queue/where.hpp"

namespace core::queue {
namespace {

// INDEXED BY: nothing tells SQLite that pending operations may be all there are or hardly any, and
// it takes an index on the state for a good one. A query whose index no longer fits fails at once.

// The number of the first parameter that filters use; the ones below have fixed meanings.
constexpr int k_first_filter = 8;

// A pending operation waits while its backoff or its start lies ahead. :1 wall, :2 boot, :3 cap.
constexpr std::string_view k_is_due =
    "(ops.retry IS NULL OR ops.retry <= ?1 OR ops.retry > ?1 + ?3)"
    " AND (ops.not_before IS NULL OR ops.not_before <= CASE ops.boot WHEN 1 THEN ?2 ELSE ?1 END)";

constexpr std::string_view k_is_timed = "(retry IS NOT NULL OR not_before IS NOT NULL)";

// The ids of all whose backoff or start may have come, along the two indexes of times. Each of the
// SELECTs stands between `begin` and `end`.
std::string due_by_time(std::string_view begin, std::string_view end) {
  constexpr std::string_view k_parts[] = {
      "ops_retry WHERE state = 0 AND retry <= ?1",
      "ops_retry WHERE state = 0 AND retry > ?1 + ?3",
      "ops_start WHERE state = 0 AND boot = 0 AND not_before <= ?1",
      "ops_start WHERE state = 0 AND boot = 1 AND not_before <= ?2",
  };
  std::string sql;
  for (const auto part : k_parts) {
    sql += fmt::format("{}{}SELECT stem AS a, line AS b FROM ops INDEXED BY {}{}",
                       sql.empty() ? "" : " UNION ", begin, part, end);
  }
  return sql;
}

constexpr std::string_view k_lane_is_free =
    "(ops.lane = '' OR NOT EXISTS (SELECT 1 FROM ops p INDEXED BY ops_lane"
    " WHERE p.lane = ops.lane AND p.lane <> '' AND p.state = 0"
    " AND (p.stem, p.line) < (ops.stem, ops.line)))";

constexpr std::string_view k_lane_has_no_failure =
    "(ops.lane = '' OR NOT EXISTS (SELECT 1 FROM ops p INDEXED BY ops_lane"
    " WHERE p.lane = ops.lane AND p.lane <> '' AND p.state = 2"
    " AND (p.stem, p.line) < (ops.stem, ops.line)))";

constexpr std::string_view k_dependencies_hold =
    "(ops.after_count = 0 OR NOT EXISTS (SELECT 1 FROM deps d LEFT JOIN ops o"
    " ON o.stem = d.on_stem AND o.line = d.on_line"
    " WHERE d.stem = ops.stem AND d.line = ops.line AND o.state IS NOT 1))";

// The order of delivery: ascending.
std::string score_of(const Order& order) {
  if (order.by_priority_only()) return "rank";
  return fmt::format(
      "(rank - critical * {} - {} / max(1.0, (?1 - created) / 3.6e9) - (body < {}) * {})",
      order.critical, order.recency, order.small_under, order.small_score);
}

// What must hold for an operation to be sent now, lanes aside.
std::string due_condition(const DueQuery& query, const Where& filters) {
  std::string sql = fmt::format(" state = 0 AND {}", k_dependencies_hold);
  // With --force the three parameters must still be named, or their numbers would shift.
  sql += query.ignore_times ? " AND (?1 IS NOT NULL OR ?2 IS NULL OR ?3 IS NULL)"
                            : fmt::format(" AND {}", k_is_due);
  return sql + filters.text("AND");
}

std::string lane_condition(const DueQuery& query) {
  std::string sql = fmt::format(" AND {}", k_lane_is_free);
  if (query.lanes == LaneHeadFailure::stop) sql += fmt::format(" AND {}", k_lane_has_no_failure);
  return sql;
}

Where due_filters(const DueQuery& query) {
  Where filters(k_first_filter);
  const auto same = [](const std::string& text) { return text; };
  filters.add_any("ops.type", query.types, same);
  filters.add_any("ops.lane", query.lane_names, same);
  return filters;
}

void bind_due(db::Statement& rows, const DueQuery& query, const Where& filters) {
  rows.bind(1, micros(query.now.wall)).bind(2, query.now.since_boot.count());
  rows.bind(3, query.now.retry_cap.count());
  filters.bind(rows);
}

std::string order_expression(const DueQuery& query, DueOrder order) {
  switch (order) {
    case DueOrder::best_first:
      return score_of(query.order);
    case DueOrder::newest_first:
      return "-created";
    case DueOrder::smallest_first:
      return "body";
  }
  return "rank";
}

}  // namespace

std::string Index::target_of(const Entry& entry) {
  const auto scheme = entry.url.find("://");
  if (scheme == std::string::npos) return "type:" + entry.type;
  const auto end = entry.url.find_first_of("/?#", scheme + 3);
  return to_lower(std::string_view(entry.url).substr(0, end));
}

Result<std::vector<std::string>> Index::pending_targets() {
  // Jumps from one target to the next in the index instead of reading every operation.
  TRY_ASSIGN(
      auto rows,
      database_->prepare("WITH RECURSIVE next(target) AS ("
                         " SELECT min(target) FROM ops INDEXED BY ops_due WHERE state = 0 UNION ALL"
                         " SELECT (SELECT min(target) FROM ops INDEXED BY ops_due WHERE state = 0"
                         "  AND target > next.target) FROM next WHERE next.target IS NOT NULL)"
                         " SELECT target FROM next WHERE target IS NOT NULL"));
  std::vector<std::string> targets;
  while (true) {
    TRY_ASSIGN(const bool more, rows.step());
    if (!more) return targets;
    targets.emplace_back(rows.text(0));
  }
}

Result<std::uint64_t> Index::count_pending_for(const std::string& target) {
  TRY_ASSIGN(auto row,
             database_->prepare(
                 "SELECT count(*) FROM ops INDEXED BY ops_due WHERE target = ? AND state = 0"));
  row.bind(1, target);
  TRY(row.step());
  return static_cast<std::uint64_t>(row.integer(0));
}

std::string due_page_sql(const DueQuery& query, DueOrder order, DuePart part, std::uint64_t limit) {
  const std::string score = order_expression(query, order);
  const std::string from = part == DuePart::few_timed
                               ? "(" + due_by_time("", "") +
                                     ") due CROSS JOIN ops ON ops.stem = due.a AND ops.line = due.b"
                               : std::string("ops INDEXED BY ops_due");
  const std::string which =
      part == DuePart::few_timed
          ? ""
          : fmt::format(" AND {} = {}", k_is_timed, part == DuePart::timed ? 1 : 0);
  return fmt::format(
      "SELECT {0}, {1} FROM {2} WHERE target = ?7{3} AND lane = '' AND {4}"
      " AND ({1}, stem, line) > (?4, ?5, ?6) ORDER BY {1}, stem, line LIMIT {5}",
      k_columns, score, from, which, due_condition(query, due_filters(query)), limit);
}

namespace {

constexpr std::int64_t k_few = 1000;

// Those whose time has come are counted as far as it pays to sort them on each page.
std::string timed_count_sql() {
  return fmt::format("SELECT count(*) FROM ({})",
                     due_by_time("SELECT * FROM (", fmt::format(" LIMIT {})", k_few)));
}

// Which parts it takes to find all that is due.
Result<std::vector<DuePart>> due_parts(db::Statement& timed_count, const DueQuery& query) {
  if (query.ignore_times) return std::vector{DuePart::untimed, DuePart::timed};
  timed_count.bind(1, micros(query.now.wall)).bind(2, query.now.since_boot.count());
  timed_count.bind(3, query.now.retry_cap.count());
  TRY(timed_count.step());
  const auto count = timed_count.integer(0);
  timed_count.reset();
  if (count == 0) return std::vector{DuePart::untimed};
  return std::vector{DuePart::untimed, count < k_few ? DuePart::few_timed : DuePart::timed};
}

}  // namespace

// Pages, not one long SELECT: an open SELECT pins a snapshot, and a write on the same connection
// then fails (SQLITE_BUSY_SNAPSHOT) as soon as another process has written.
Result<std::vector<Entry>> Index::due_page(const DueQuery& query, const std::string& target,
                                           DueOrder order, std::uint64_t limit,
                                           std::optional<PageEnd>& end) {
  const Where filters = due_filters(query);
  std::vector<std::pair<double, Entry>> found;
  TRY_ASSIGN(auto* const timed_count,
             statements_->known_or_prepared(*database_, timed_count_sql()));
  TRY_ASSIGN(const auto parts, due_parts(*timed_count, query));
  for (const DuePart part : parts) {
    const std::string sql = due_page_sql(query, order, part, limit);
    TRY_ASSIGN(auto* const statement, statements_->known_or_prepared(*database_, sql));
    db::Statement& rows = *statement;
    bind_due(rows, query, filters);
    rows.bind(4, end ? end->score : -1e300);
    rows.bind(5, end ? end->id.stem.text() : std::string{});
    rows.bind(6, end ? std::int64_t{end->id.line} : 0).bind(7, target);
    while (true) {
      TRY_ASSIGN(const bool more, rows.step());
      if (!more) break;
      found.emplace_back(rows.real(k_column_count), read_entry(rows));
    }
  }
  const auto comes_before = [](const auto& a, const auto& b) {
    return std::tie(a.first, a.second.id) < std::tie(b.first, b.second.id);
  };
  if (parts.size() > 1) std::ranges::sort(found, comes_before);
  if (found.size() > limit) found.resize(limit);
  end.reset();
  if (found.size() == limit)
    end = PageEnd{.score = found.back().first, .id = found.back().second.id};
  std::vector<Entry> page;
  page.reserve(found.size());
  for (auto& [score, entry] : found)
    page.push_back(std::move(entry));
  return page;
}

Result<std::vector<Entry>> Index::due_lane_heads(const DueQuery& query) {
  const Where filters = due_filters(query);
  const bool stops = query.lanes == LaneHeadFailure::stop;
  const auto lanes = stops ? fmt::format(" AND {}", k_lane_has_no_failure) : std::string{};
  // CROSS JOIN keeps the order: with the operations outside, time grows with the square of lanes.
  TRY_ASSIGN(auto rows,
             database_->prepare(fmt::format(
                 "WITH RECURSIVE next(lane) AS ("
                 " SELECT min(lane) FROM ops WHERE lane <> '' UNION ALL"
                 " SELECT (SELECT min(lane) FROM ops WHERE lane <> '' AND lane > next.lane)"
                 " FROM next WHERE next.lane IS NOT NULL)"
                 " SELECT {} FROM next CROSS JOIN ops INDEXED BY ops_lane"
                 " ON ops.lane = next.lane AND ops.lane <> ''"
                 " AND ops.state = 0 AND (ops.stem, ops.line) = (SELECT p.stem, p.line FROM ops p"
                 " WHERE p.lane = next.lane AND p.lane <> '' AND p.state = 0"
                 " ORDER BY p.stem, p.line LIMIT 1)"
                 " WHERE {}{} AND (?4 IS NULL AND ?5 IS NULL AND ?6 IS NULL AND ?7 IS NULL)"
                 " ORDER BY rank, stem, line",
                 k_columns, due_condition(query, filters), lanes)));
  bind_due(rows, query, filters);
  return read_entries(rows);
}

Result<std::optional<Entry>> Index::find_due(const DueQuery& query, const OperationId& id) {
  const Where filters = due_filters(query);
  TRY_ASSIGN(auto* const statement,
             statements_->known_or_prepared(
                 *database_,
                 fmt::format("SELECT {} FROM ops WHERE stem = ?4 AND line = ?5 AND {}{}"
                             " AND ?6 IS NULL AND ?7 IS NULL",
                             k_columns, due_condition(query, filters), lane_condition(query))));
  db::Statement& rows = *statement;
  bind_due(rows, query, filters);
  rows.bind(4, id.stem.text()).bind(5, std::int64_t{id.line});
  TRY_ASSIGN(const auto found, read_entries(rows));
  return found.empty() ? std::nullopt : std::optional(found.front());
}

Result<std::vector<Entry>> Index::freed_by(const DueQuery& query, const Entry& settled) {
  std::vector<OperationId> ids;
  const auto collect = [&ids](db::Statement& rows) -> Result<> {
    while (true) {
      TRY_ASSIGN(const bool more, rows.step());
      if (!more) return {};
      ids.push_back(read_id(rows, 0));
    }
  };
  if (!settled.lane.empty()) TRY(collect(statements_->lane_head.bind(1, settled.lane)));
  auto& dependents = statements_->dependents;
  dependents.bind(1, settled.id.stem.text()).bind(2, std::int64_t{settled.id.line});
  TRY(collect(dependents));
  std::vector<Entry> freed;
  for (const auto& id : ids) {
    TRY_ASSIGN(auto entry, find_due(query, id));
    if (entry) freed.push_back(*std::move(entry));
  }
  return freed;
}

}  // namespace core::queue
