// SPDX-License-Identifier: MIT
#include "libcore/queue/index_rows.hpp"

#include <string>

#include "libcore/queue/index.hpp"

namespace core::queue {

OperationId read_id(const db::Statement& row, int column) {
  // A stem in the index came from Ulid::text.
  return {.stem = Ulid::parse(row.text(column)).value_or(Ulid{}),
          .line = static_cast<std::uint32_t>(row.integer(column + 1))};
}

Entry read_entry(const db::Statement& row) {
  Entry entry;
  entry.id = read_id(row, 0);
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
  entry.priority = ~row.integer(12);  // rank: ascending order is delivery order
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

Result<std::vector<Entry>> read_entries(db::Statement& rows) {
  std::vector<Entry> entries;
  while (true) {
    TRY_ASSIGN(const bool more, rows.step());
    if (!more) return entries;
    entries.push_back(read_entry(rows));
  }
}

void bind_entry(db::Statement& statement, const Entry& entry, int row) {
  const int first = row * k_entry_parameters;
  const std::string stem = entry.id.stem.text();
  statement.bind(first + 1, stem)
      .bind(first + 2, std::int64_t{entry.id.line})
      .bind(first + 3, number(entry.state()));
  statement.bind(first + 4, std::int64_t{entry.is_batch_line() ? 1 : 0});
  statement.bind(first + 5, static_cast<std::int64_t>(entry.place.offset));
  statement.bind(first + 6, static_cast<std::int64_t>(entry.place.length));
  statement.bind_borrowed(first + 7, entry.type).bind_borrowed(first + 8, entry.action);
  statement.bind_borrowed(first + 9, entry.lane).bind_borrowed(first + 10, entry.key);
  statement.bind_borrowed(first + 11, entry.method).bind_borrowed(first + 12, entry.url);
  statement.bind(first + 13, ~entry.priority);  // unlike the negative, there for every number
  statement.bind(first + 14, std::int64_t{entry.critical ? 1 : 0})
      .bind(first + 15, micros(entry.created_at));
  statement.bind(first + 16, micros(entry.not_before)).bind(first + 17, micros(entry.expires_at));
  statement.bind(first + 18, std::int64_t{entry.on_boot_clock ? 1 : 0})
      .bind(first + 19, micros(entry.retry_at));
  statement.bind(first + 20, std::int64_t{entry.attempts});
  statement.bind(first + 21, entry.max_attempts ? std::optional<std::int64_t>(*entry.max_attempts)
                                                : std::nullopt);
  statement.bind(first + 22, static_cast<std::int64_t>(entry.body_bytes));
  statement.bind(first + 23, number(entry.reason)).bind(first + 24, micros(entry.settled_at));
  statement.bind(first + 25, static_cast<std::int64_t>(entry.after.size()));
  statement.bind(first + 26, std::int64_t{entry.wait_after_failure ? 1 : 0});
  statement.bind(first + 27, Index::target_of(entry));
}

}  // namespace core::queue
