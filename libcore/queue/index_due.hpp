// SPDX-License-Identifier: MIT
#pragma once

// The text of the index's questions about time. For index_due.cpp, and for a test that looks how
// SQLite would run them.

#include <cstdint>
#include <string>

#include "libcore/queue/due_query.hpp"

namespace core::queue {

// A page of due operations is put together of two parts, so that what only waits for its time
// costs nothing.
enum class DuePart {
  untimed,    // nothing but a clock-free condition holds them up
  timed,      // have a backoff or a start: reads all of them until the page is full
  few_timed,  // the same: reads those whose time has come, and sorts them
};
std::string due_page_sql(const DueQuery& query, DueOrder order, DuePart part, std::uint64_t limit);

// Parameters: the wall clock, the time since boot, how far ahead a retry is believed, and what the
// wall clock said when this boot began.
std::string next_due_sql();

}  // namespace core::queue
