// SPDX-License-Identifier: MIT
// What the index says of times to come: starts, the ends of pauses, and expiry.

#include <string>

#include <fmt/core.h>

#include "libcore/queue/index.hpp"
#include "libcore/queue/index_due.hpp"
#include "libcore/queue/index_rows.hpp"

namespace core::queue {

Result<std::vector<Entry>> Index::expired(const Instant& now) {
  TRY_ASSIGN(auto rows,
             database_->prepare(fmt::format(
                 "SELECT {} FROM ops INDEXED BY ops_expires WHERE state = 0 AND expires IS NOT NULL"
                 " AND expires <= CASE boot WHEN 1 THEN ?2 ELSE ?1 END",
                 k_columns)));
  rows.bind(1, micros(now.wall)).bind(2, now.since_boot.count());
  return read_entries(rows);
}

// Each part goes along an index and stops at its first row, unless the other time of an operation
// puts it off further. ?1 wall, ?2 boot, ?3 cap, ?4 what the wall clock said when this boot began.
std::string next_due_sql() {
  return "SELECT min(due) FROM ("
         "SELECT (SELECT retry FROM ops INDEXED BY ops_retry WHERE state = 0 AND retry > ?1"
         " AND retry <= ?1 + ?3"
         " AND coalesce(not_before + CASE boot WHEN 1 THEN ?4 ELSE 0 END, 0) <= retry"
         " ORDER BY retry LIMIT 1) AS due UNION ALL "
         "SELECT (SELECT not_before FROM ops INDEXED BY ops_start WHERE state = 0 AND boot = 0"
         " AND not_before > ?1 AND (retry IS NULL OR retry <= not_before OR retry > ?1 + ?3)"
         " ORDER BY not_before LIMIT 1) UNION ALL "
         "SELECT (SELECT not_before + ?4 FROM ops INDEXED BY ops_start WHERE state = 0 AND boot = 1"
         " AND not_before > ?2 AND (retry IS NULL OR retry <= not_before + ?4 OR retry > ?1 + ?3)"
         " ORDER BY not_before LIMIT 1))";
}

Result<std::optional<Time>> Index::next_due_time(const Instant& now) {
  TRY_ASSIGN(auto row, database_->prepare(next_due_sql()));
  row.bind(1, micros(now.wall)).bind(2, now.since_boot.count()).bind(3, now.retry_cap.count());
  row.bind(4, micros(now.wall) - now.since_boot.count());
  TRY(row.step());
  return time_of(row.optional_integer(0));
}

Result<std::optional<Time>> Index::next_expiry_time(const Instant& now) {
  // ?3 is what the wall clock said when this boot began.
  TRY_ASSIGN(auto row,
             database_->prepare("SELECT min(expires + CASE boot WHEN 1 THEN ?3 ELSE 0 END) FROM ops"
                                " INDEXED BY ops_expires WHERE state = 0 AND expires IS NOT NULL"
                                " AND expires > CASE boot WHEN 1 THEN ?2 ELSE ?1 END"));
  row.bind(1, micros(now.wall)).bind(2, now.since_boot.count());
  row.bind(3, micros(now.wall) - now.since_boot.count());
  TRY(row.step());
  return time_of(row.optional_integer(0));
}

}  // namespace core::queue
