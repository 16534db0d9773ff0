// SPDX-License-Identifier: MIT
// What operations have to do with each other: dependencies, keys and batches.

#include <set>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <fmt/core.h>

#include "libcore/queue/index.hpp"
#include "libcore/queue/index_rows.hpp"
#include "libcore/queue/index_statements.hpp"

namespace core::queue {

Result<std::vector<Index::Orphan>> Index::orphans() {
  TRY_ASSIGN(auto rows,
             database_->prepare(fmt::format(
                 "SELECT {}, d.on_stem, d.on_line, o.state IS NULL FROM deps d"
                 " CROSS JOIN ops ON ops.stem = d.stem AND ops.line = d.line"
                 " LEFT JOIN ops o ON o.stem = d.on_stem AND o.line = d.on_line"
                 " WHERE ops.state = 0 AND ops.wait = 0 AND (o.state = 2 OR o.state IS NULL)"
                 " GROUP BY ops.stem, ops.line",
                 k_columns)));
  std::vector<Orphan> found;
  while (true) {
    TRY_ASSIGN(const bool more, rows.step());
    if (!more) return found;
    Orphan orphan;
    orphan.entry = read_entry(rows);
    orphan.because = read_id(rows, k_column_count);
    orphan.because_missing = rows.integer(k_column_count + 2) != 0;
    found.push_back(std::move(orphan));
  }
}

Result<bool> Index::has_dependencies() {
  TRY_ASSIGN(auto row, database_->prepare("SELECT 1 FROM deps LIMIT 1"));
  return row.step();
}

namespace {

std::string superseded_sql(std::string_view which) {
  return fmt::format(
      "SELECT {}, n.stem, n.line FROM ops INDEXED BY ops_key"
      " JOIN ops n INDEXED BY ops_key ON n.type = ops.type AND n.key = ops.key AND n.key <> ''"
      " AND n.state = 0 AND (n.stem, n.line) > (ops.stem, ops.line)"
      " WHERE ops.state = 0 AND ops.key <> ''{}"
      " GROUP BY ops.stem, ops.line",
      k_columns, which);
}

Result<std::vector<std::pair<Entry, OperationId>>> read_superseded(db::Statement& rows) {
  std::vector<std::pair<Entry, OperationId>> found;
  while (true) {
    TRY_ASSIGN(const bool more, rows.step());
    if (!more) return found;
    found.emplace_back(read_entry(rows), read_id(rows, k_column_count));
  }
}

}  // namespace

Result<std::vector<std::pair<Entry, OperationId>>> Index::superseded() {
  TRY_ASSIGN(auto rows, database_->prepare(superseded_sql({})));
  return read_superseded(rows);
}

Result<std::vector<std::pair<Entry, OperationId>>> Index::superseded(const std::string& type,
                                                                     const std::string& key) {
  TRY_ASSIGN(auto rows, database_->prepare(superseded_sql(" AND ops.type = ?1 AND ops.key = ?2")));
  rows.bind(1, type).bind(2, key);
  return read_superseded(rows);
}

Result<std::optional<OperationId>> Index::newest_pending(const std::string& type,
                                                         const std::string& key) {
  TRY_ASSIGN(auto row,
             database_->prepare("SELECT stem, line FROM ops INDEXED BY ops_key WHERE type = ?1"
                                " AND key = ?2 AND key <> '' AND state = 0"
                                " ORDER BY stem DESC, line DESC LIMIT 1"));
  TRY_ASSIGN(const bool found, row.bind(1, type).bind(2, key).step());
  return found ? std::optional(read_id(row, 0)) : std::nullopt;
}

Result<std::vector<Ulid>> Index::finished_batches() {
  TRY_ASSIGN(auto rows,
             database_->prepare(
                 "SELECT name FROM files WHERE state = 0 AND name LIKE '%.jsonl'"
                 " AND NOT EXISTS (SELECT 1 FROM ops INDEXED BY ops_state WHERE ops.state = 0"
                 " AND ops.stem = substr(name, 1, 26) AND ops.in_batch = 1)"));
  std::vector<Ulid> stems;
  while (true) {
    TRY_ASSIGN(const bool more, rows.step());
    if (!more) return stems;
    const auto file = FileName::parse(rows.text(0));
    if (file) stems.push_back(file->stem);
  }
}

Result<bool> Index::has_open_lines(const Ulid& stem) {
  auto& statement = statements_->has_open_lines;
  TRY_ASSIGN(const bool found, statement.bind(1, stem.text()).step());
  statement.reset();
  return found;
}

Result<std::set<OperationId>> Index::awaited() {
  TRY_ASSIGN(auto rows, database_->prepare(
                            "SELECT d.on_stem, d.on_line FROM deps d CROSS JOIN ops"
                            " ON ops.stem = d.stem AND ops.line = d.line WHERE ops.state <> 1"));
  std::set<OperationId> ids;
  while (true) {
    TRY_ASSIGN(const bool more, rows.step());
    if (!more) return ids;
    ids.insert(read_id(rows, 0));
  }
}

Result<bool> Index::has_lines(const Ulid& stem) {
  TRY_ASSIGN(auto row,
             database_->prepare("SELECT 1 FROM ops WHERE stem = ? AND in_batch = 1 LIMIT 1"));
  return row.bind(1, stem.text()).step();
}

}  // namespace core::queue
