// SPDX-License-Identifier: MIT
#pragma once

// Rows of the index's tables: values to columns and back. For the index_*.cpp only.

#include <cstdint>
#include <optional>
#include <string_view>
#include <vector>

#include "libcore/base/ids.hpp"
#include "libcore/base/result.hpp"
#include "libcore/base/time.hpp"
#include "libcore/db/sqlite.hpp"
#include "libcore/queue/entry.hpp"

namespace core::queue {

// What read_entry reads, in its order; columns of a query's own follow.
inline constexpr std::string_view k_columns =
    "ops.stem, ops.line, ops.state, ops.in_batch, ops.offset, ops.length, ops.type, ops.action, "
    "ops.lane, ops.key, ops.method, ops.url, ops.rank, ops.critical, ops.created, "
    "ops.not_before, ops.expires, ops.boot, ops.retry, ops.attempts, ops.max_attempts, ops.body, "
    "ops.reason, ops.settled, ops.wait";
inline constexpr int k_column_count = 25;

inline std::int64_t micros(Time time) {
  return time.time_since_epoch().count();
}
inline Time time_of(std::int64_t value) {
  return Time{Duration{value}};
}

inline std::optional<std::int64_t> micros(const std::optional<Time>& time) {
  return time ? std::optional(micros(*time)) : std::nullopt;
}
inline std::optional<Time> time_of(const std::optional<std::int64_t>& value) {
  return value ? std::optional(time_of(*value)) : std::nullopt;
}

// Enumerators are stored by number; a number that a newer version wrote cannot come up, because
// the version of the schema changes with it.
template <typename E>
std::int64_t number(E value) {
  return static_cast<std::int64_t>(value);
}

// The id whose stem is in `column` and whose line is in the next one.
OperationId read_id(const db::Statement& row, int column);
Entry read_entry(const db::Statement& row);
// All that are left.
Result<std::vector<Entry>> read_entries(db::Statement& rows);
// To the parameters of the statement that adds operations which belong to this row of it, counted
// from 0; to be run while `entry` is there.
inline constexpr int k_entry_parameters = 27;
void bind_entry(db::Statement& statement, const Entry& entry, int row = 0);

}  // namespace core::queue
