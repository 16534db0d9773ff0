// SPDX-License-Identifier: MIT
#pragma once

// usage.json: how much is pending, and the newest id given out. It lets enqueue know the queue's
// limits in constant time and without SQLite, and makes ids increase across processes and steps of
// the clock. It is a counter, not a record: it may drift when a process dies or a person moves
// files, is set right whenever the index is reconciled, and can be deleted.

#include <cstdint>
#include <optional>

#include "libcore/base/ids.hpp"
#include "libcore/base/result.hpp"
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

// Takes a new stem, greater than every one taken before. Errors: io, denied.
Result<Ulid> take_stem(sys::Files& files, const sys::Clock& clock, sys::Random& random);

// Counts `more` in, or refuses: full, naming the limit, and nothing is counted.
Result<> count_in(sys::Files& files, const Amount& more, const Limits& limits);

// Whether `more` has room now, for what is large and must not be written only to be refused.
// Nothing is counted; a counter that is missing or damaged says that nothing is pending. Errors:
// full, as count_in.
Result<> check_room(const sys::Files& files, const Amount& more, const Limits& limits);

// take_stem and count_in in one step; what is refused takes no stem.
Result<Ulid> admit(sys::Files& files, const sys::Clock& clock, sys::Random& random,
                   const Amount& more, const Limits& limits);

// Takes back what count_in counted for an enqueue that failed.
Result<> count_out(sys::Files& files, const Amount& less);

// What the counter says now; nullopt when it is missing or damaged, which the next use mends.
Result<std::optional<Amount>> load_usage(const sys::Files& files);

// What is really pending, when somebody knows.
Result<> set_usage(sys::Files& files, const Amount& pending);

}  // namespace core::queue
