// SPDX-License-Identifier: MIT
// The tables of the index, and opening them.

#include <string>
#include <string_view>
#include <utility>

#include <fmt/core.h>

#include "libcore/queue/index.hpp"
#include "libcore/queue/index_rows.hpp"
#include "libcore/queue/index_statements.hpp"

namespace core::queue {
namespace {

// Counts up when a column changes its meaning: an index of another version is made again.
constexpr int k_schema_version = 5;

constexpr const char* k_schema = R"sql(
CREATE TABLE IF NOT EXISTS stamps(name TEXT PRIMARY KEY, value TEXT) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS files(
  state INT, name TEXT, inode INT, PRIMARY KEY(state, name)) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS ops(
  stem TEXT, line INT, state INT, in_batch INT, offset INT, length INT,
  type TEXT, action TEXT, lane TEXT, key TEXT, method TEXT, url TEXT, target TEXT,
  rank INT, critical INT, created INT, not_before INT, expires INT, boot INT, retry INT,
  attempts INT, max_attempts INT, body INT, reason INT, settled INT, after_count INT, wait INT,
  PRIMARY KEY(stem, line)) WITHOUT ROWID;
CREATE INDEX IF NOT EXISTS ops_state ON ops(state, stem, line, in_batch, length, body);
CREATE INDEX IF NOT EXISTS ops_due
  ON ops(target, (retry IS NOT NULL OR not_before IS NOT NULL), rank, stem, line) WHERE state = 0;
CREATE INDEX IF NOT EXISTS ops_lane ON ops(lane, state, stem, line) WHERE lane <> '';
CREATE INDEX IF NOT EXISTS ops_key ON ops(type, key, stem, line) WHERE key <> '' AND state = 0;
CREATE INDEX IF NOT EXISTS ops_expires ON ops(expires) WHERE state = 0 AND expires IS NOT NULL;
CREATE INDEX IF NOT EXISTS ops_retry ON ops(retry, not_before, boot)
  WHERE state = 0 AND retry IS NOT NULL;
CREATE INDEX IF NOT EXISTS ops_start ON ops(boot, not_before, retry)
  WHERE state = 0 AND not_before IS NOT NULL;
CREATE TABLE IF NOT EXISTS deps(
  stem TEXT, line INT, on_stem TEXT, on_line INT,
  PRIMARY KEY(stem, line, on_stem, on_line)) WITHOUT ROWID;
CREATE INDEX IF NOT EXISTS deps_on ON deps(on_stem, on_line);
CREATE TABLE IF NOT EXISTS receipts(
  stem TEXT, line INT, outcome INT, reason INT, attempts INT, at INT,
  PRIMARY KEY(stem, line)) WITHOUT ROWID;
)sql";

// What SQLite calls a database of this process alone.
constexpr const char* k_in_memory = ":memory:";

// In the order of the table's columns; bind_entry has the numbers.
std::string values_of_row(int row) {
  constexpr int k_target = 27;
  std::string values;
  for (int parameter = 1; parameter < k_target; ++parameter) {
    values +=
        fmt::format("{}?{}", values.empty() ? "(" : ",", row * k_entry_parameters + parameter);
    if (parameter == 12) values += fmt::format(",?{}", row * k_entry_parameters + k_target);
  }
  return values + ")";
}

std::string values_of_rows(int rows) {
  std::string values = "VALUES" + values_of_row(0);
  for (int row = 1; row < rows; ++row)
    values += "," + values_of_row(row);
  return values;
}

}  // namespace

void Index::Drop::operator()(Statements* statements) const {
  delete statements;
}  // NOLINT

Index::Index(db::Database database)
    : database_(std::make_unique<db::Database>(std::move(database))),
      statements_(new Statements) {}  // NOLINT: Drop needs the complete type

Result<Index> Index::open_in_memory() {
  return open(k_in_memory, {});
}

Result<Index> Index::open(const std::string& path, std::chrono::milliseconds patience) {
  TRY_ASSIGN(auto database, db::Database::open(path, patience));
  TRY_ASSIGN(auto version, database.prepare("PRAGMA user_version"));
  TRY(version.step());
  const auto found = version.integer(0);
  version.reset();
  if (found != 0 && found != k_schema_version) {
    return fail(Errc::corrupt, fmt::format("index: {}: made by another version", path));
  }
  if (found == 0) {
    TRY(database.execute(k_schema));
    TRY(database.execute(fmt::format("PRAGMA user_version={}", k_schema_version).c_str()));
  }
  Index index(std::move(database));
  index.path_ = path;
  index.patience_ = patience;
  TRY(index.prepare());
  return index;
}

Result<std::optional<Index>> Index::open_beside() const {
  if (path_ == k_in_memory) return std::nullopt;
  TRY_ASSIGN(auto index, open(path_, patience_));
  return std::optional(std::move(index));
}

Result<> Index::prepare() {
  // A delivery is final: whatever is written later, the receiver has it.
  const std::string unless_delivered = fmt::format(
      " ON CONFLICT DO UPDATE SET outcome = excluded.outcome, reason = excluded.reason,"
      " attempts = excluded.attempts, at = excluded.at"
      " WHERE outcome <> {} OR excluded.outcome = {}",
      number(codec::Outcome::synced), number(codec::Outcome::deleted));
  const std::pair<db::Statement*, std::string> all[] = {
      {&statements_->stamp, "SELECT value FROM stamps WHERE name = ?"},
      {&statements_->set_stamp, "INSERT OR REPLACE INTO stamps VALUES(?, ?)"},
      {&statements_->add_file, "INSERT OR REPLACE INTO files VALUES(?, ?, ?)"},
      {&statements_->move_file,
       "UPDATE OR REPLACE files SET state = ?3, name = ?4 WHERE state = ?1 AND name = ?2"},
      {&statements_->remove_file, "DELETE FROM files WHERE state = ? AND name = ?"},
      {&statements_->remove_files_of,
       "DELETE FROM files WHERE state IN (0, 1, 2) AND name >= ? AND name < ?"},
      {&statements_->add_new, "INSERT OR IGNORE INTO ops " + values_of_rows(1)},
      {&statements_->add_many, "INSERT OR IGNORE INTO ops " + values_of_rows(int{k_many})},
      {&statements_->add, "INSERT OR REPLACE INTO ops " + values_of_rows(1)},
      {&statements_->add_dependency, "INSERT OR IGNORE INTO deps VALUES(?, ?, ?, ?)"},
      {&statements_->remove, "DELETE FROM ops WHERE stem = ? AND line = ?"},
      {&statements_->remove_dependencies, "DELETE FROM deps WHERE stem = ? AND line = ?"},
      {&statements_->remove_lines, "DELETE FROM ops WHERE stem = ? AND in_batch = 1 AND state = ?"},
      {&statements_->remove_dependencies_of_lines,
       "DELETE FROM deps WHERE stem = ?1 AND line IN"
       " (SELECT line FROM ops WHERE stem = ?1 AND in_batch = 1 AND state = ?2)"},
      {&statements_->settle,
       "UPDATE ops SET state = ?3, in_batch = ?4, offset = ?5, length = ?6, attempts = ?7,"
       " retry = ?8, reason = ?9, settled = ?10 WHERE stem = ?1 AND line = ?2"},
      {&statements_->settle_lines,
       fmt::format("UPDATE ops SET state = {}, reason = {}, settled = ?4"
                   " WHERE stem = ?1 AND line BETWEEN ?2 AND ?3",
                   number(State::synced), number(codec::Reason::none))},
      {&statements_->find,
       fmt::format("SELECT {} FROM ops WHERE stem = ? AND line = ?", k_columns)},
      {&statements_->note_receipt,
       "INSERT INTO receipts VALUES(?, ?, ?, ?, ?, ?)" + unless_delivered},
      {&statements_->note_receipts_of_lines,
       "WITH RECURSIVE lines(line) AS"
       " (SELECT ?2 UNION ALL SELECT line + 1 FROM lines WHERE line < ?7)"
       " INSERT INTO receipts SELECT ?1, line, ?3, ?4, ?5, ?6 FROM lines WHERE true" +
           unless_delivered},
      {&statements_->last_receipt,
       "SELECT outcome, reason, attempts, at FROM receipts WHERE stem = ? AND line = ?"},
      {&statements_->forget_receipt, "DELETE FROM receipts WHERE stem = ? AND line = ? AND at = ?"},
      {&statements_->lane_head,
       "SELECT stem, line FROM ops WHERE lane = ? AND lane <> '' AND state = 0"
       " ORDER BY stem, line LIMIT 1"},
      {&statements_->has_receipts, "SELECT 1 FROM receipts WHERE stem = ? LIMIT 1"},
      {&statements_->data_version, "PRAGMA data_version"},
      {&statements_->dependents, "SELECT stem, line FROM deps WHERE on_stem = ? AND on_line = ?"},
      {&statements_->has_open_lines,
       "SELECT 1 FROM ops INDEXED BY ops_state WHERE state = 0 AND stem = ? AND in_batch = 1"
       " LIMIT 1"},
  };
  for (const auto& [statement, sql] : all) {
    TRY_ASSIGN(*statement, database_->prepare(sql));
  }
  return {};
}

}  // namespace core::queue
