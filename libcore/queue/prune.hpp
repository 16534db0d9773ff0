// SPDX-License-Identifier: MIT
#pragma once

// Pruning: forgetting what was delivered long ago, and what that leaves behind. Three rules:
// what is pending or failed, or what such an operation waits for, is never touched; a batch goes as
// a whole or not at all; a receipt stays as long as a file or a batch has its operation, because
// the last receipt of an id decides what becomes of it. Whoever prunes holds the lock of the queue:
// a sync relies on what it has read.

#include <cstdint>

#include "libcore/base/result.hpp"
#include "libcore/base/time.hpp"
#include "libcore/queue/index.hpp"
#include "libcore/sys/clock.hpp"
#include "libcore/sys/files.hpp"

namespace core::queue {

// A blob that nothing names yet may belong to an operation that is just being written.
inline constexpr Duration k_youngest_orphan{std::chrono::hours{1}};

enum class Removal { planned, done };

struct Pruned {
  std::uint64_t operations = 0;
  std::uint64_t files = 0;  // of operations: singles and batches
  std::uint64_t receipt_days = 0;
  std::uint64_t blobs = 0;
  std::uint64_t keys = 0;   // pointers to operations that are gone
  std::uint64_t bytes = 0;  // of all of them
};

// Removes what was delivered before `before`, or only counts it (which needs no lock). Errors: io,
// denied; what was removed until then is gone, and nothing else is harmed.
Result<Pruned> prune(sys::Files& files, Index& index, const sys::Clock& clock, Time before,
                     Removal removal);

}  // namespace core::queue
