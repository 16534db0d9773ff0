// SPDX-License-Identifier: MIT
#pragma once

// Operations on disk: reading the files that hold them. An index Entry is made here from the bytes
// of an operation, and the bytes are found again from an Entry.

#include <string>

#include "libcore/base/result.hpp"
#include "libcore/codec/envelope.hpp"
#include "libcore/queue/index.hpp"
#include "libcore/queue/operation_lines.hpp"
#include "libcore/sys/clock.hpp"
#include "libcore/sys/fd.hpp"
#include "libcore/sys/files.hpp"

namespace core::queue {

// What an index needs of an operation. Times given by a clock that was not synchronised are turned
// into times since boot; `modified` is the file's, and when it lies ahead it is the backoff's end.
Entry make_entry(const codec::Envelope& envelope, const Place& place, Time modified,
                 const sys::Clock& clock);

// An entry for bytes that cannot be read, so that they can be listed, shown and deleted.
Entry make_unreadable_entry(const OperationId& id, const Place& place, Time modified);

// The operation that has this open file to itself. Errors: io; corrupt also when the file is too
// large or its id is not that of its name.
Result<Entry> load_entry(const sys::Fd& fd, const sys::FileStatus& status, Place place,
                         const sys::Clock& clock);

// A batch stays in pending/ until its last line is settled, then it is in synced/; a person may
// have moved it elsewhere. Errors: not_found when it is in no folder.
Result<sys::Fd> open_batch(const sys::Files& files, const FileName& batch);

// The bytes of the operation, newline included. Errors: not_found when its file is gone.
Result<std::string> read_operation(const sys::Files& files, const Entry& entry);

// The same, parsed. Errors: also corrupt.
Result<codec::Envelope> load_operation(const sys::Files& files, const Entry& entry);

}  // namespace core::queue
