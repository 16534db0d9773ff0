// SPDX-License-Identifier: MIT
#include "libcore/queue/index.hpp"

#include <algorithm>
#include <tuple>
#include <utility>
#include <variant>

#include <fmt/core.h>

#include "libcore/base/text.hpp"

namespace core::queue {
namespace {

// Counts up when a column changes its meaning: an index of another version is made again.
constexpr int k_schema_version = 1;

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
CREATE INDEX IF NOT EXISTS ops_due ON ops(target, rank, stem, line) WHERE state = 0;
CREATE INDEX IF NOT EXISTS ops_lane ON ops(lane, state, stem, line) WHERE lane <> '';
CREATE INDEX IF NOT EXISTS ops_key ON ops(type, key, stem, line) WHERE key <> '' AND state = 0;
CREATE INDEX IF NOT EXISTS ops_expires ON ops(expires) WHERE state = 0 AND expires IS NOT NULL;
CREATE INDEX IF NOT EXISTS ops_open ON ops(stem) WHERE state = 0 AND in_batch = 1;
CREATE TABLE IF NOT EXISTS deps(
  stem TEXT, line INT, on_stem TEXT, on_line INT,
  PRIMARY KEY(stem, line, on_stem, on_line)) WITHOUT ROWID;
CREATE INDEX IF NOT EXISTS deps_on ON deps(on_stem, on_line);
CREATE TABLE IF NOT EXISTS receipts(
  stem TEXT, line INT, outcome INT, reason INT, attempts INT, at INT,
  PRIMARY KEY(stem, line)) WITHOUT ROWID;
)sql";

constexpr std::string_view k_columns =
    "ops.stem, ops.line, ops.state, ops.in_batch, ops.offset, ops.length, ops.type, ops.action, "
    "ops.lane, ops.key, ops.method, ops.url, ops.rank, ops.critical, ops.created, "
    "ops.not_before, ops.expires, ops.boot, ops.retry, ops.attempts, ops.max_attempts, ops.body, "
    "ops.reason, ops.settled, ops.wait";
constexpr int k_column_count = 25;

// The number of the first parameter that filters use; the ones below have fixed meanings.
constexpr int k_first_filter = 8;

constexpr std::string_view k_id_text = "(stem || CASE line WHEN 0 THEN '' ELSE '.' || line END)";

// A pending operation waits while its backoff or its start lies ahead. :1 wall, :2 boot, :3 cap.
constexpr std::string_view k_is_due =
    "(ops.retry IS NULL OR ops.retry <= ?1 OR ops.retry > ?1 + ?3)"
    " AND (ops.not_before IS NULL OR ops.not_before <= CASE ops.boot WHEN 1 THEN ?2 ELSE ?1 END)";

constexpr std::string_view k_lane_is_free =
    "(ops.lane = '' OR NOT EXISTS (SELECT 1 FROM ops p WHERE p.lane = ops.lane AND p.state = 0"
    " AND (p.stem, p.line) < (ops.stem, ops.line)))";

constexpr std::string_view k_lane_has_no_failure =
    "(ops.lane = '' OR NOT EXISTS (SELECT 1 FROM ops p WHERE p.lane = ops.lane AND p.state = 2"
    " AND (p.stem, p.line) < (ops.stem, ops.line)))";

constexpr std::string_view k_dependencies_hold =
    "(ops.after_count = 0 OR NOT EXISTS (SELECT 1 FROM deps d LEFT JOIN ops o"
    " ON o.stem = d.on_stem AND o.line = d.on_line"
    " WHERE d.stem = ops.stem AND d.line = ops.line AND o.state IS NOT 1))";

std::int64_t micros(Time time) {
  return time.time_since_epoch().count();
}
Time time_of(std::int64_t value) {
  return Time{Duration{value}};
}

std::optional<std::int64_t> micros(const std::optional<Time>& time) {
  return time ? std::optional(micros(*time)) : std::nullopt;
}
std::optional<Time> time_of(const std::optional<std::int64_t>& value) {
  return value ? std::optional(time_of(*value)) : std::nullopt;
}

// Enumerators are stored by number; a number that a newer version wrote cannot come up, because
// k_schema_version changes with it.
template <typename E>
std::int64_t number(E value) {
  return static_cast<std::int64_t>(value);
}

Entry read_entry(const db::Statement& row) {
  Entry entry;
  // A stem in the index came from Ulid::text.
  entry.id.stem = Ulid::parse(row.text(0)).value_or(Ulid{});
  entry.id.line = static_cast<std::uint32_t>(row.integer(1));
  entry.place.state = static_cast<State>(row.integer(2));
  entry.attempts = static_cast<int>(row.integer(19));
  entry.place.file = row.integer(3) != 0 ? FileName::batch(entry.id.stem)
                                         : FileName::single(entry.id, entry.attempts);
  entry.place.offset = static_cast<std::uint64_t>(row.integer(4));
  entry.place.length = static_cast<std::uint64_t>(row.integer(5));
  entry.type = row.text(6);
  entry.action = row.text(7);
  entry.lane = row.text(8);
  entry.key = row.text(9);
  entry.method = row.text(10);
  entry.url = row.text(11);
  entry.priority = -row.integer(12);  // rank: ascending order is delivery order
  entry.critical = row.integer(13) != 0;
  entry.created_at = time_of(row.integer(14));
  entry.not_before = time_of(row.optional_integer(15));
  entry.expires_at = time_of(row.optional_integer(16));
  entry.on_boot_clock = row.integer(17) != 0;
  entry.retry_at = time_of(row.optional_integer(18));
  const auto max_attempts = row.optional_integer(20);
  if (max_attempts) entry.max_attempts = static_cast<int>(*max_attempts);
  entry.body_bytes = static_cast<std::uint64_t>(row.integer(21));
  entry.reason = static_cast<codec::Reason>(row.integer(22));
  entry.settled_at = time_of(row.optional_integer(23));
  entry.wait_after_failure = row.integer(24) != 0;
  return entry;
}

void bind_entry(db::Statement& statement, const Entry& entry) {
  const std::string stem = entry.id.stem.text();
  statement.bind(1, stem).bind(2, std::int64_t{entry.id.line}).bind(3, number(entry.state()));
  statement.bind(4, std::int64_t{entry.is_batch_line() ? 1 : 0});
  statement.bind(5, static_cast<std::int64_t>(entry.place.offset));
  statement.bind(6, static_cast<std::int64_t>(entry.place.length));
  statement.bind(7, entry.type).bind(8, entry.action).bind(9, entry.lane).bind(10, entry.key);
  statement.bind(11, entry.method).bind(12, entry.url).bind(13, -entry.priority);
  statement.bind(14, std::int64_t{entry.critical ? 1 : 0}).bind(15, micros(entry.created_at));
  statement.bind(16, micros(entry.not_before)).bind(17, micros(entry.expires_at));
  statement.bind(18, std::int64_t{entry.on_boot_clock ? 1 : 0}).bind(19, micros(entry.retry_at));
  statement.bind(20, std::int64_t{entry.attempts});
  statement.bind(
      21, entry.max_attempts ? std::optional<std::int64_t>(*entry.max_attempts) : std::nullopt);
  statement.bind(22, static_cast<std::int64_t>(entry.body_bytes));
  statement.bind(23, number(entry.reason)).bind(24, micros(entry.settled_at));
  statement.bind(25, static_cast<std::int64_t>(entry.after.size()));
  statement.bind(26, std::int64_t{entry.wait_after_failure ? 1 : 0});
  statement.bind(27, Index::target_of(entry));
}

// Of two claims to one id, the higher wins: a file of its own over a batch line, then synced over
// pending over failed, then more attempts.
std::tuple<bool, int, int> claim(const Entry& entry) {
  const int rank = entry.state() == State::synced ? 2 : entry.state() == State::pending ? 1 : 0;
  return {!entry.is_batch_line(), rank, entry.attempts};
}

// The text of a WHERE clause in the making, and the values of its parameters, which are numbered
// from `first` on.
class Where {
 public:
  using Value = std::variant<std::int64_t, std::string>;

  explicit Where(int first = 1) : first_(first) {}

  // `before` and one parameter.
  void add(std::string_view before, Value value) {
    clauses_.push_back(std::string(before) + mark(std::move(value)));
  }
  template <typename Range, typename ValueOf>
  void add_any(std::string_view column, const Range& range, ValueOf value_of) {
    if (range.empty()) return;
    std::string marks;
    for (const auto& item : range) {
      if (!marks.empty()) marks += ",";
      marks += mark(value_of(item));
    }
    clauses_.push_back(fmt::format("{} IN ({})", column, marks));
  }
  void add_fragments(const std::vector<std::string>& fragments) {
    std::string any;
    for (const auto& fragment : fragments) {
      any += (any.empty() ? "" : " OR ") + fragment_clause(fragment);
    }
    if (!any.empty()) clauses_.push_back("(" + any + ")");
  }

  [[nodiscard]] std::string text(std::string_view first_word) const {
    std::string text;
    for (const auto& clause : clauses_) {
      text += fmt::format(" {} {}", text.empty() ? first_word : "AND", clause);
    }
    return text;
  }
  void bind(db::Statement& statement) const {
    int at = first_;
    for (const auto& value : values_) {
      std::visit([&](const auto& held) { statement.bind(at, held); }, value);
      ++at;
    }
  }

 private:
  std::string mark(Value value) {
    values_.push_back(std::move(value));
    return fmt::format("?{}", first_ + static_cast<int>(values_.size()) - 1);
  }
  // Fragments hold only the id alphabet and dots, so LIKE has nothing to escape.
  std::string fragment_clause(const std::string& fragment) {
    if (const auto id = OperationId::parse(fragment)) {
      const std::string stem = mark(id->stem.text());
      return fmt::format("(stem = {} AND line = {})", stem, id->line);
    }
    const std::string start = fragment.substr(0, Ulid::k_length);
    const std::string from = mark(start);
    const std::string to = mark(start + "~");
    const std::string prefix = mark(fragment + "%");
    const std::string suffix = mark("%" + fragment);
    return fmt::format("(stem >= {1} AND stem < {2} AND {0} LIKE {3}) OR {0} LIKE {4}", k_id_text,
                       from, to, prefix, suffix);
  }

  int first_;
  std::vector<std::string> clauses_;
  std::vector<Value> values_;
};

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

struct Index::Statements {
  db::Statement stamp;
  db::Statement set_stamp;
  db::Statement add_file;
  db::Statement move_file;
  db::Statement remove_file;
  db::Statement add;
  db::Statement add_dependency;
  db::Statement remove;
  db::Statement remove_dependencies;
  db::Statement remove_lines;
  db::Statement settle;
  db::Statement find;
  db::Statement note_receipt;
  db::Statement last_receipt;
  db::Statement has_open_lines;
  db::Statement lane_head;
  db::Statement dependents;
};

void Index::Drop::operator()(Statements* statements) const {
  delete statements;
}  // NOLINT

Index::Index(db::Database database)
    : database_(std::make_unique<db::Database>(std::move(database))),
      statements_(new Statements) {}  // NOLINT: Drop needs the complete type

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
  TRY(index.prepare());
  return index;
}

Result<> Index::prepare() {
  const std::pair<db::Statement*, std::string> all[] = {
      {&statements_->stamp, "SELECT value FROM stamps WHERE name = ?"},
      {&statements_->set_stamp, "INSERT OR REPLACE INTO stamps VALUES(?, ?)"},
      {&statements_->add_file, "INSERT OR REPLACE INTO files VALUES(?, ?, ?)"},
      {&statements_->move_file,
       "UPDATE OR REPLACE files SET state = ?3, name = ?4 WHERE state = ?1 AND name = ?2"},
      {&statements_->remove_file, "DELETE FROM files WHERE state = ? AND name = ?"},
      {&statements_->add,
       "INSERT OR REPLACE INTO ops "
       "VALUES(?1,?2,?3,?4,?5,?6,?7,?8,?9,?10,?11,?12,?27,?13,?14,?15,?16,"
       "?17,?18,?19,?20,?21,?22,?23,?24,?25,?26)"},
      {&statements_->add_dependency, "INSERT OR IGNORE INTO deps VALUES(?, ?, ?, ?)"},
      {&statements_->remove, "DELETE FROM ops WHERE stem = ? AND line = ?"},
      {&statements_->remove_dependencies, "DELETE FROM deps WHERE stem = ? AND line = ?"},
      {&statements_->remove_lines, "DELETE FROM ops WHERE stem = ? AND in_batch = 1 AND state = ?"},
      {&statements_->settle,
       "UPDATE ops SET state = ?3, in_batch = ?4, offset = ?5, length = ?6, attempts = ?7,"
       " retry = ?8, reason = ?9, settled = ?10 WHERE stem = ?1 AND line = ?2"},
      {&statements_->find,
       fmt::format("SELECT {} FROM ops WHERE stem = ? AND line = ?", k_columns)},
      {&statements_->note_receipt, "INSERT OR REPLACE INTO receipts VALUES(?, ?, ?, ?, ?, ?)"},
      {&statements_->last_receipt,
       "SELECT outcome, reason, attempts, at FROM receipts WHERE stem = ? AND line = ?"},
      {&statements_->lane_head,
       "SELECT stem, line FROM ops WHERE lane = ? AND lane <> '' AND state = 0"
       " ORDER BY stem, line LIMIT 1"},
      {&statements_->dependents, "SELECT stem, line FROM deps WHERE on_stem = ? AND on_line = ?"},
      {&statements_->has_open_lines,
       "SELECT 1 FROM ops WHERE stem = ? AND state = 0 AND in_batch = 1 LIMIT 1"},
  };
  for (const auto& [statement, sql] : all) {
    TRY_ASSIGN(*statement, database_->prepare(sql));
  }
  return {};
}

Result<std::string> Index::stamp(std::string_view name) {
  auto& statement = statements_->stamp;
  statement.bind(1, name);
  TRY_ASSIGN(const bool found, statement.step());
  std::string value(found ? statement.text(0) : std::string_view{});
  statement.reset();
  return value;
}

Result<> Index::set_stamp(std::string_view name, std::string_view value) {
  return statements_->set_stamp.bind(1, name).bind(2, value).run();
}

Result<> Index::each_file(
    State state, const std::function<void(std::string_view name, std::uint64_t inode)>& visit) {
  TRY_ASSIGN(auto rows,
             database_->prepare("SELECT name, inode FROM files WHERE state = ? ORDER BY name"));
  rows.bind(1, number(state));
  while (true) {
    TRY_ASSIGN(const bool more, rows.step());
    if (!more) return {};
    visit(rows.text(0), static_cast<std::uint64_t>(rows.integer(1)));
  }
}

Result<> Index::add_file(State state, std::string_view name, std::uint64_t inode) {
  auto& statement = statements_->add_file;
  statement.bind(1, number(state)).bind(2, name);
  return statement.bind(3, static_cast<std::int64_t>(inode)).run();
}

Result<> Index::move_file(State from, std::string_view name, State to, std::string_view new_name) {
  auto& statement = statements_->move_file;
  statement.bind(1, number(from)).bind(2, name);
  return statement.bind(3, number(to)).bind(4, new_name).run();
}

Result<> Index::remove_file(State state, const std::string& name) {
  TRY(statements_->remove_file.bind(1, number(state)).bind(2, name).run());
  const auto file = FileName::parse(name);
  if (!file) return {};
  if (file->kind == FileName::Kind::batch) {
    // Synced lines of a batch in pending/ are its lines too.
    for (const State of : {state, State::synced}) {
      TRY(statements_->remove_lines.bind(1, file->stem.text()).bind(2, number(of)).run());
    }
    return {};
  }
  TRY_ASSIGN(const auto entry, find(file->id()));
  const bool is_its_own = entry && entry->state() == state && entry->place.file == *file;
  return is_its_own ? remove(file->id()) : Result<>{};
}

Result<bool> Index::add(const Entry& entry) {
  TRY_ASSIGN(const auto known, find(entry.id));
  if (known && claim(*known) > claim(entry)) return false;
  bind_entry(statements_->add, entry);
  TRY(statements_->add.run());
  const std::string stem = entry.id.stem.text();
  for (const auto& on : entry.after) {
    auto& statement = statements_->add_dependency;
    statement.bind(1, stem).bind(2, std::int64_t{entry.id.line});
    TRY(statement.bind(3, on.stem.text()).bind(4, std::int64_t{on.line}).run());
  }
  return true;
}

Result<> Index::remove(const OperationId& id) {
  const std::string stem = id.stem.text();
  TRY(statements_->remove_dependencies.bind(1, stem).bind(2, std::int64_t{id.line}).run());
  return statements_->remove.bind(1, stem).bind(2, std::int64_t{id.line}).run();
}

Result<> Index::settle(const Entry& entry) {
  auto& statement = statements_->settle;
  statement.bind(1, entry.id.stem.text()).bind(2, std::int64_t{entry.id.line});
  statement.bind(3, number(entry.state())).bind(4, std::int64_t{entry.is_batch_line() ? 1 : 0});
  statement.bind(5, static_cast<std::int64_t>(entry.place.offset));
  statement.bind(6, static_cast<std::int64_t>(entry.place.length));
  statement.bind(7, std::int64_t{entry.attempts}).bind(8, micros(entry.retry_at));
  return statement.bind(9, number(entry.reason)).bind(10, micros(entry.settled_at)).run();
}

Result<std::optional<Entry>> Index::find(const OperationId& id) {
  auto& statement = statements_->find;
  statement.bind(1, id.stem.text()).bind(2, std::int64_t{id.line});
  TRY_ASSIGN(const bool found, statement.step());
  if (!found) return std::nullopt;
  Entry entry = read_entry(statement);
  statement.reset();
  return entry;
}

Result<> Index::select(const Query& query, const std::function<Result<>(const Entry&)>& visit) {
  const Where where = where_of(query);
  std::string sql =
      fmt::format("SELECT {} FROM ops{}{}", k_columns, where.text("WHERE"), order_of(query));
  if (query.limit) sql += fmt::format(" LIMIT {}", *query.limit);
  TRY_ASSIGN(auto rows, database_->prepare(sql));
  where.bind(rows);
  while (true) {
    TRY_ASSIGN(const bool more, rows.step());
    if (!more) return {};
    TRY(visit(read_entry(rows)));
  }
}

Result<std::uint64_t> Index::count(const Query& query) {
  const Where where = where_of(query);
  TRY_ASSIGN(auto row, database_->prepare("SELECT count(*) FROM ops" + where.text("WHERE")));
  where.bind(row);
  TRY(row.step());
  return static_cast<std::uint64_t>(row.integer(0));
}

Result<bool> Index::note_receipt(const codec::Receipt& receipt) {
  const std::string stem = receipt.id.stem.text();
  const auto line = std::int64_t{receipt.id.line};
  TRY_ASSIGN(const auto before, last_receipt(receipt.id));
  // A delivery is final: whatever is written later, the receiver has it.
  if (before && before->outcome == codec::Outcome::synced &&
      receipt.outcome != codec::Outcome::deleted) {
    return false;
  }
  auto& statement = statements_->note_receipt;
  statement.bind(1, stem).bind(2, line).bind(3, number(receipt.outcome));
  statement.bind(4, number(receipt.reason)).bind(5, std::int64_t{receipt.attempts});
  TRY(statement.bind(6, micros(receipt.at)).run());
  TRY_ASSIGN(auto entry, find(receipt.id));
  if (!entry) return false;
  if (receipt.outcome == codec::Outcome::failed && entry->state() == State::failed) {
    entry->reason = receipt.reason;
    entry->settled_at = receipt.at;
    TRY(settle(*entry));
  }
  if (receipt.outcome == codec::Outcome::synced && entry->state() == State::synced) {
    entry->settled_at = receipt.at;
    TRY(settle(*entry));
  }
  return true;
}

Result<std::optional<LastReceipt>> Index::last_receipt(const OperationId& id) {
  auto& statement = statements_->last_receipt;
  statement.bind(1, id.stem.text()).bind(2, std::int64_t{id.line});
  TRY_ASSIGN(const bool found, statement.step());
  if (!found) return std::nullopt;
  const LastReceipt last{.outcome = static_cast<codec::Outcome>(statement.integer(0)),
                         .reason = static_cast<codec::Reason>(statement.integer(1)),
                         .attempts = static_cast<int>(statement.integer(2)),
                         .at = time_of(statement.integer(3))};
  statement.reset();
  return last;
}

std::string Index::target_of(const Entry& entry) {
  const auto scheme = entry.url.find("://");
  if (scheme == std::string::npos) return "type:" + entry.type;
  const auto end = entry.url.find_first_of("/?#", scheme + 3);
  return to_lower(std::string_view(entry.url).substr(0, end));
}

Result<std::vector<std::string>> Index::pending_targets() {
  // Jumps from one target to the next in the index instead of reading every operation.
  TRY_ASSIGN(auto rows, database_->prepare(
                            "WITH RECURSIVE next(target) AS ("
                            " SELECT min(target) FROM ops WHERE state = 0 UNION ALL"
                            " SELECT (SELECT min(target) FROM ops WHERE state = 0"
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
             database_->prepare("SELECT count(*) FROM ops WHERE target = ? AND state = 0"));
  row.bind(1, target);
  TRY(row.step());
  return static_cast<std::uint64_t>(row.integer(0));
}

Result<std::vector<Entry>> Index::read_entries(db::Statement& rows) {
  std::vector<Entry> entries;
  while (true) {
    TRY_ASSIGN(const bool more, rows.step());
    if (!more) return entries;
    entries.push_back(read_entry(rows));
  }
}

// Pages, not one long SELECT: an open SELECT pins a snapshot, and a write on the same connection
// then fails (SQLITE_BUSY_SNAPSHOT) as soon as another process has written.
Result<std::vector<Entry>> Index::due_page(const DueQuery& query, const std::string& target,
                                           DueOrder order, std::uint64_t limit,
                                           std::optional<PageEnd>& end) {
  const Where filters = due_filters(query);
  const std::string score = order_expression(query, order);
  TRY_ASSIGN(auto rows,
             database_->prepare(fmt::format(
                 "SELECT {0}, {1} FROM ops WHERE target = ?7 AND lane = '' AND {2}"
                 " AND ({1}, stem, line) > (?4, ?5, ?6) ORDER BY {1}, stem, line LIMIT {3}",
                 k_columns, score, due_condition(query, filters), limit)));
  bind_due(rows, query, filters);
  rows.bind(4, end ? end->score : -1e300);
  rows.bind(5, end ? end->id.stem.text() : std::string{});
  rows.bind(6, end ? std::int64_t{end->id.line} : 0).bind(7, target);
  std::vector<Entry> page;
  double last_score = 0;
  while (true) {
    TRY_ASSIGN(const bool more, rows.step());
    if (!more) break;
    page.push_back(read_entry(rows));
    last_score = rows.real(k_column_count);
  }
  end.reset();
  if (page.size() == limit) end = PageEnd{.score = last_score, .id = page.back().id};
  return page;
}

Result<std::vector<Entry>> Index::due_lane_heads(const DueQuery& query) {
  const Where filters = due_filters(query);
  TRY_ASSIGN(auto rows,
             database_->prepare(fmt::format(
                 "WITH RECURSIVE next(lane) AS ("
                 " SELECT min(lane) FROM ops WHERE lane <> '' UNION ALL"
                 " SELECT (SELECT min(lane) FROM ops WHERE lane <> '' AND lane > next.lane)"
                 " FROM next WHERE next.lane IS NOT NULL)"
                 " SELECT {} FROM next JOIN ops ON ops.lane = next.lane AND ops.lane <> ''"
                 " AND ops.state = 0 AND (ops.stem, ops.line) = (SELECT p.stem, p.line FROM ops p"
                 " WHERE p.lane = next.lane AND p.lane <> '' AND p.state = 0"
                 " ORDER BY p.stem, p.line LIMIT 1)"
                 " WHERE {}{} AND (?4 IS NULL AND ?5 IS NULL AND ?6 IS NULL AND ?7 IS NULL)"
                 " ORDER BY rank, stem, line",
                 k_columns, due_condition(query, filters), lane_condition(query))));
  bind_due(rows, query, filters);
  return read_entries(rows);
}

Result<std::optional<Entry>> Index::find_due(const DueQuery& query, const OperationId& id) {
  const Where filters = due_filters(query);
  TRY_ASSIGN(auto rows, database_->prepare(fmt::format(
                            "SELECT {} FROM ops WHERE stem = ?4 AND line = ?5 AND {}{}"
                            " AND ?6 IS NULL AND ?7 IS NULL",
                            k_columns, due_condition(query, filters), lane_condition(query))));
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
      ids.push_back({.stem = Ulid::parse(rows.text(0)).value_or(Ulid{}),
                     .line = static_cast<std::uint32_t>(rows.integer(1))});
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

Result<std::vector<Entry>> Index::expired(const Instant& now) {
  TRY_ASSIGN(auto rows, database_->prepare(
                            fmt::format("SELECT {} FROM ops WHERE state = 0 AND expires IS NOT NULL"
                                        " AND expires <= CASE boot WHEN 1 THEN ?2 ELSE ?1 END",
                                        k_columns)));
  rows.bind(1, micros(now.wall)).bind(2, now.since_boot.count());
  std::vector<Entry> entries;
  while (true) {
    TRY_ASSIGN(const bool more, rows.step());
    if (!more) return entries;
    entries.push_back(read_entry(rows));
  }
}

Result<std::vector<Index::Orphan>> Index::orphans() {
  TRY_ASSIGN(auto rows,
             database_->prepare(fmt::format(
                 "SELECT {}, d.on_stem, d.on_line, o.state IS NULL FROM deps d"
                 " JOIN ops ON ops.stem = d.stem AND ops.line = d.line"
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
    orphan.because.stem = Ulid::parse(rows.text(k_column_count)).value_or(Ulid{});
    orphan.because.line = static_cast<std::uint32_t>(rows.integer(k_column_count + 1));
    orphan.because_missing = rows.integer(k_column_count + 2) != 0;
    found.push_back(std::move(orphan));
  }
}

Result<std::vector<std::pair<Entry, OperationId>>> Index::superseded() {
  TRY_ASSIGN(auto rows, database_->prepare(fmt::format(
                            "SELECT {}, n.stem, n.line FROM ops JOIN ops n"
                            " ON n.type = ops.type AND n.key = ops.key AND n.key <> ''"
                            " AND n.state = 0 AND (n.stem, n.line) > (ops.stem, ops.line)"
                            " WHERE ops.state = 0 AND ops.key <> ''"
                            " GROUP BY ops.stem, ops.line",
                            k_columns)));
  std::vector<std::pair<Entry, OperationId>> found;
  while (true) {
    TRY_ASSIGN(const bool more, rows.step());
    if (!more) return found;
    OperationId newer;
    newer.stem = Ulid::parse(rows.text(k_column_count)).value_or(Ulid{});
    newer.line = static_cast<std::uint32_t>(rows.integer(k_column_count + 1));
    found.emplace_back(read_entry(rows), newer);
  }
}

Result<std::vector<Ulid>> Index::finished_batches() {
  TRY_ASSIGN(auto rows,
             database_->prepare("SELECT name FROM files WHERE state = 0 AND name LIKE '%.jsonl'"
                                " AND NOT EXISTS (SELECT 1 FROM ops WHERE ops.stem ="
                                " substr(name, 1, 26) AND ops.state = 0 AND ops.in_batch = 1)"));
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
                            "SELECT d.on_stem, d.on_line FROM deps d JOIN ops"
                            " ON ops.stem = d.stem AND ops.line = d.line WHERE ops.state <> 1"));
  std::set<OperationId> ids;
  while (true) {
    TRY_ASSIGN(const bool more, rows.step());
    if (!more) return ids;
    ids.insert({.stem = Ulid::parse(rows.text(0)).value_or(Ulid{}),
                .line = static_cast<std::uint32_t>(rows.integer(1))});
  }
}

Result<bool> Index::has_lines(const Ulid& stem) {
  TRY_ASSIGN(auto row,
             database_->prepare("SELECT 1 FROM ops WHERE stem = ? AND in_batch = 1 LIMIT 1"));
  return row.bind(1, stem.text()).step();
}

Result<std::optional<Time>> Index::next_due_time(const Instant& now) {
  // ?3 is what the wall clock said when this boot began.
  constexpr std::string_view k_start = "(not_before + CASE boot WHEN 1 THEN ?3 ELSE 0 END)";
  TRY_ASSIGN(auto row, database_->prepare(fmt::format(
                           "SELECT min(max(coalesce(retry, 0), coalesce({0}, 0))) FROM ops"
                           " WHERE state = 0 AND (retry > ?1 AND retry <= ?1 + ?2 OR {0} > ?1)",
                           k_start)));
  row.bind(1, micros(now.wall)).bind(2, now.retry_cap.count());
  row.bind(3, micros(now.wall) - now.since_boot.count());
  TRY(row.step());
  return time_of(row.optional_integer(0));
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
