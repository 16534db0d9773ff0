// SPDX-License-Identifier: MIT
#pragma once

// The end of a series, from the files: the greatest number that an operation on disk has. Needed
// when usage.json is lost, or older than what was enqueued, and so cannot say it. Reads the names
// in all folders, and of the files as few as will do: a queue of a million operations is not read
// at each boot. Needs no shared library and no index.

#include <optional>
#include <set>

#include "libcore/base/ids.hpp"
#include "libcore/base/result.hpp"
#include "libcore/base/serial.hpp"
#include "libcore/queue/layout.hpp"
#include "libcore/sys/files.hpp"

namespace core::queue {

// What is known without the files.
struct KnownEnd {
  std::optional<Ulid> stem;  // the last one taken; absent: nothing is known
  std::set<Ulid> open;       // batches that took numbers, or would, when that was the last
};

struct SeriesEnd {
  Serial last;       // the greatest number; series 0: nothing that was read has one
  Ulid newest;       // the greatest stem of those that were read and have a number
  SerialSet in_use;  // by the lines of the open batches
};

// Numbers increase with stems but for batches, which take theirs while they are written: read are
// single operations from the newest on until one has a number, and batches, all of them when
// nothing is known; of what is known, what is newer or open. A damaged operation says nothing, and
// a line that was written out no more than its batch. Errors: io, denied for a folder; a file that
// cannot be read is left out.
Result<SeriesEnd> find_series_end(const sys::Files& files, const KnownEnd& known);

}  // namespace core::queue
