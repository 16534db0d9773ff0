// SPDX-License-Identifier: MIT
#pragma once

// An operation as commands show it: the fields of --json, and the columns of a table.

#include <vector>

#include "libcore/cli/record.hpp"
#include "libcore/cli/table.hpp"
#include "libcore/queue/index.hpp"
#include "libcore/sys/clock.hpp"
#include "libcore/sys/files.hpp"

namespace offq {

// Fields: id state type action lane key priority critical method url created_at not_before
// expires_at retry_at attempts max_attempts bytes reason settled_at. Empty ones are left out.
core::cli::Record operation_record(const core::queue::Entry& entry, const core::sys::Clock& clock);
// The same, and for one that `offq run` has queued `command`: the program and its arguments, as its
// file has them.
core::cli::Record operation_record(const core::queue::Entry& entry, const core::sys::Clock& clock,
                                   const core::sys::Files& files);

// How often it was tried, as its last receipt has it.
int attempts_of(const core::queue::Entry& entry);

// Columns for such records.
std::vector<core::cli::Column> operation_columns();

// A time that may count from boot, as a wall clock shows it.
core::Time wall_time(core::Time time, const core::queue::Entry& entry,
                     const core::sys::Clock& clock);

// pending yellow, synced green, failed red.
core::cli::Style style_of(core::queue::State state);

}  // namespace offq
