// SPDX-License-Identifier: MIT
#pragma once

// usage.json: how much is pending, the newest id given out, and the newest serial number. It lets
// enqueue know the queue's limits in constant time and without SQLite, and makes ids increase
// across processes and steps of the clock. It is a counter, not a record: it may drift when a
// process dies or a person moves files, is set right whenever the index is reconciled, and can be
// deleted.
//
// Serial numbers are never given twice, although nothing here is synced: what was written in an
// earlier boot, or is not there, is not continued; a new series begins. This costs a look at the
// names of all operations and at the newest files (series_end.hpp), and a line in the ledger that
// is durable before a number of the new series is taken: where the one before ended.
//
// Numbers of a batch are taken while it is written. From the moment that it has its stem until it
// is counted in they are noted here as its open numbers, so that those of a writer that was killed
// can be told from lost ones.

#include <cstdint>
#include <map>
#include <optional>

#include "libcore/base/ids.hpp"
#include "libcore/base/result.hpp"
#include "libcore/base/serial.hpp"
#include "libcore/base/units.hpp"
#include "libcore/sys/clock.hpp"
#include "libcore/sys/files.hpp"
#include "libcore/sys/random.hpp"

namespace core::queue {

struct Limits {
  ByteCount max_size{100'000'000};  // bytes of pending operations and their blobs
  std::uint64_t max_ops = 1'000'000;
};

struct Amount {
  std::uint64_t ops = 0;
  std::uint64_t bytes = 0;
};

// Takes a new stem, greater than every one taken before, for a batch: its numbers are open.
// Errors: full, io, denied.
Result<Ulid> take_stem(sys::Files& files, const sys::Clock& clock, sys::Random& random);

// The next `count` numbers, for the batch `stem`, whose file in tmp/ exists. Errors: full, io,
// denied.
Result<SerialRange> take_serials(sys::Files& files, const sys::Clock& clock, const Ulid& stem,
                                 std::uint64_t count);

// Counts the batch `stem` in, or refuses: full, naming the limit, and nothing is counted. Its open
// numbers are open no longer, and of the last that it took, `unused` are given back.
Result<> count_in(sys::Files& files, const sys::Clock& clock, const Ulid& stem, const Amount& more,
                  const SerialRange& unused, const Limits& limits);

// The writer of the batch `stem` ended before it counted it in: of its open numbers, those that are
// not `in_use` go to the ledger.
Result<> give_up_serials(sys::Files& files, const sys::Clock& clock, const Ulid& stem,
                         const SerialSet& in_use = {});

// Whether `more` has room now, for what is large and must not be written only to be refused.
// Nothing is counted; a counter that is missing or damaged says that nothing is pending. Errors:
// full, as count_in.
Result<> check_room(const sys::Files& files, const Amount& more, const Limits& limits);

// Counts one operation in and takes a stem and a number for it, in one step; what is refused takes
// neither. Errors: full, also when a new series begins on a full disk; io, denied.
struct Admission {
  Ulid stem;
  Serial serial;
};
Result<Admission> admit(sys::Files& files, const sys::Clock& clock, sys::Random& random,
                        const Amount& more, const Limits& limits);

// After moves that no enqueue made: `less` are no longer pending, `more` are again, whatever the
// limits say.
Result<> count_moves(sys::Files& files, const Amount& less, const Amount& more);

// Takes back what was counted in for an enqueue that failed. Its numbers go to the ledger, and
// never to the next one, also when the ledger cannot be written (that leaves a gap): what it wrote
// may yet come back after a power cut.
Result<> count_out(sys::Files& files, const sys::Clock& clock, const Amount& less,
                   const SerialSet& serials);

// What is known of the numbers that were given out last.
struct Numbering {
  SerialRange given;  // of the newest series; none when none was begun
  // Of batches that are being written, or whose writer was killed.
  std::map<Ulid, SerialSet> open;
};
Result<Numbering> load_numbering(const sys::Files& files);

// What the counter says now; nullopt when it is missing or damaged, which the next use mends.
Result<std::optional<Amount>> load_usage(const sys::Files& files);

// What is really pending, when somebody knows.
Result<> set_usage(sys::Files& files, const Amount& pending);

}  // namespace core::queue
