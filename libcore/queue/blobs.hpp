// SPDX-License-Identifier: MIT
#pragma once

// Blobs: bodies that are too large, or not JSON, to be a payload; files named by the SHA-256 of
// their content, so equal ones are stored once. A blob is durable before anything names it.

#include <functional>
#include <map>
#include <set>
#include <string>
#include <string_view>

#include "libcore/base/result.hpp"
#include "libcore/codec/envelope.hpp"
#include "libcore/queue/usage.hpp"
#include "libcore/sys/clock.hpp"
#include "libcore/sys/files.hpp"
#include "libcore/sys/random.hpp"

namespace core::queue {

// Copies the stream into blobs/ with constant memory; `next` gives pieces until an empty one.
// `media_type` and `name` are left to the caller. Errors: full, io, and what `next` returns.
Result<codec::BlobRef> store_blob(sys::Files& files, const sys::Clock& clock, sys::Random& random,
                                  const std::function<Result<std::string_view>()>& next);

Result<codec::BlobRef> store_blob(sys::Files& files, const sys::Clock& clock, sys::Random& random,
                                  std::string_view bytes);

// Stores blobs for operations that are still to be enqueued, and takes back those of the ones that
// were refused. Only the first to store a body takes it back, and only while nobody has stored it
// again: whoever has will name it.
class NewBlobs {
 public:
  // Borrows everything.
  NewBlobs(sys::Files& files, const sys::Clock& clock, sys::Random& random)
      : files_(&files), clock_(&clock), random_(&random) {}

  // As store_blob.
  Result<codec::BlobRef> store(const std::function<Result<std::string_view>()>& next);
  Result<codec::BlobRef> store(std::string_view bytes);
  // For a stream that may have no end: reads little more than the queue has room for. Errors: full.
  Result<codec::BlobRef> store(const std::function<Result<std::string_view>()>& next,
                               const Limits& limits);

  // Removes what was stored here, but for the digests in `named`. Errors: io, denied; what is left
  // then is found by prune.
  Result<> take_back(const std::set<std::string>& named = {});

 private:
  struct Stamp {
    std::uint64_t inode = 0;
    std::uint64_t mtime_ns = 0;
  };
  [[nodiscard]] Result<bool> is_ours(const std::string& digest) const;

  sys::Files* files_;
  const sys::Clock* clock_;
  sys::Random* random_;
  std::map<std::string, Stamp> first_here_;  // by digest
};

}  // namespace core::queue
