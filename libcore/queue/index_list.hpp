// SPDX-License-Identifier: MIT
#pragma once

// The SQL of a Query, apart from running it: so that a test can ask SQLite how it would.

#include <string>

#include "libcore/queue/list_query.hpp"
#include "libcore/queue/where.hpp"

namespace core::queue {

// The conditions bind their own parameters.
struct Selection {
  std::string sql;
  Where where;
};

// Rows for read_entry, in the order that is asked for.
Selection rows_of(const Query& query);
// One row, one number.
Selection count_of(const Query& query);

}  // namespace core::queue
