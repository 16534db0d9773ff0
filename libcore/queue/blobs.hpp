// SPDX-License-Identifier: MIT
#pragma once

// Blobs: bodies that are too large, or not JSON, to be a payload; files named by the SHA-256 of
// their content, so equal ones are stored once. A blob is durable before anything names it.

#include <functional>
#include <string>
#include <string_view>

#include "libcore/base/result.hpp"
#include "libcore/codec/envelope.hpp"
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

}  // namespace core::queue
