// SPDX-License-Identifier: MIT
// What commands ask of the index.

#include "libcore/queue/index_list.hpp"

#include <string>
#include <string_view>
#include <utility>

#include <fmt/core.h>

#include "libcore/queue/index.hpp"
#include "libcore/queue/index_rows.hpp"

namespace core::queue {
namespace {

Where where_of(const Query& query) {
  Where where;
  where.add_fragments(query.id_fragments);
  where.add_any("state", query.states, [](State state) { return number(state); });
  const auto same = [](const std::string& text) { return text; };
  where.add_any("type", query.types, same);
  where.add_any("lane", query.lanes, same);
  where.add_any("key", query.keys, same);
  where.add_any("reason", query.reasons, [](codec::Reason reason) { return number(reason); });
  if (query.created_before) where.add("created < ", micros(*query.created_before));
  if (query.created_after) where.add("created >= ", micros(*query.created_after));
  if (query.settled_before) {
    where.add("coalesce(settled, created) < ", micros(*query.settled_before));
  }
  return where;
}

std::string order_of(const Query& query) {
  const char* direction = query.direction == Direction::descending ? "DESC" : "ASC";
  std::string_view column;
  switch (query.sort) {
    case SortBy::id:
      break;
    case SortBy::created:
      column = "created";
      break;
    case SortBy::due:
      column = "max(coalesce(retry, 0), coalesce(not_before, 0), created)";
      break;
    case SortBy::priority:
      column = "rank";
      break;
    case SortBy::type:
      column = "type";
      break;
    case SortBy::state:
      column = "state";
      break;
    case SortBy::size:
      column = "body";
      break;
    case SortBy::attempts:
      column = "attempts";
      break;
  }
  const std::string by = column.empty() ? "" : fmt::format("{} {}, ", column, direction);
  return fmt::format(" ORDER BY {0}stem {1}, line {1}", by, direction);
}

}  // namespace

Selection rows_of(const Query& query) {
  Where where = where_of(query);
  std::string sql =
      fmt::format("SELECT {} FROM ops{}{}", k_columns, where.text("WHERE"), order_of(query));
  if (query.limit) sql += fmt::format(" LIMIT {}", *query.limit);
  return {.sql = std::move(sql), .where = std::move(where)};
}

Selection count_of(const Query& query) {
  Where where = where_of(query);
  return {.sql = "SELECT count(*) FROM ops" + where.text("WHERE"), .where = std::move(where)};
}

Result<> Index::select(const Query& query, const std::function<Result<>(const Entry&)>& visit) {
  const Selection selection = rows_of(query);
  TRY_ASSIGN(auto rows, database_->prepare(selection.sql));
  selection.where.bind(rows);
  while (true) {
    TRY_ASSIGN(const bool more, rows.step());
    if (!more) return {};
    TRY(visit(read_entry(rows)));
  }
}

Result<std::uint64_t> Index::count(const Query& query) {
  const Selection selection = count_of(query);
  TRY_ASSIGN(auto row, database_->prepare(selection.sql));
  selection.where.bind(row);
  TRY(row.step());
  return static_cast<std::uint64_t>(row.integer(0));
}

Result<Amount> Index::pending_amount() {
  // A blob's bytes are not in the length of the line that names it; counting the body twice for
  // payloads would be worse than the line's overhead, so a body larger than its line is a blob.
  TRY_ASSIGN(auto row,
             database_->prepare("SELECT count(*), coalesce(sum(length + CASE WHEN body > length"
                                " THEN body ELSE 0 END), 0) FROM ops WHERE state = 0"));
  TRY(row.step());
  return Amount{.ops = static_cast<std::uint64_t>(row.integer(0)),
                .bytes = static_cast<std::uint64_t>(row.integer(1))};
}

Result<std::vector<StateTotals>> Index::totals() {
  TRY_ASSIGN(auto rows, database_->prepare("SELECT state, type, count(*), sum(body), min(created)"
                                           " FROM ops GROUP BY state, type ORDER BY 1, 2"));
  std::vector<StateTotals> totals;
  while (true) {
    TRY_ASSIGN(const bool more, rows.step());
    if (!more) return totals;
    totals.push_back({.state = static_cast<State>(rows.integer(0)),
                      .type = std::string(rows.text(1)),
                      .ops = static_cast<std::uint64_t>(rows.integer(2)),
                      .bytes = static_cast<std::uint64_t>(rows.integer(3)),
                      .oldest = time_of(rows.optional_integer(4))});
  }
}

Result<Outcomes> Index::outcomes_since(Time since) {
  TRY_ASSIGN(auto row, database_->prepare("SELECT coalesce(sum(outcome = 0), 0),"
                                          " coalesce(sum(outcome = 1), 0)"
                                          " FROM receipts WHERE at >= ?"));
  row.bind(1, micros(since));
  TRY(row.step());
  return Outcomes{.synced = static_cast<std::uint64_t>(row.integer(0)),
                  .failed = static_cast<std::uint64_t>(row.integer(1))};
}

}  // namespace core::queue
