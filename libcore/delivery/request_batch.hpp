// SPDX-License-Identifier: MIT
#pragma once

// Several operations in the body of one request: offkit(7), "Shared requests".

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "libcore/base/ids.hpp"
#include "libcore/base/result.hpp"
#include "libcore/base/serial.hpp"
#include "libcore/codec/envelope.hpp"
#include "libcore/config/config.hpp"
#include "libcore/queue/entry.hpp"
#include "libcore/sys/files.hpp"

namespace core::delivery {

// An operation on board of a request.
struct Member {
  queue::Entry entry;
  std::optional<Serial> serial{};
  std::string item{};  // what a shared body holds of it
};

// What a shared body holds of the operation: JSON on one line. A payload may be moved out of it.
// nullopt: it has no JSON to stand there, or more than fits, and goes by itself. Errors: io, of
// `queue`, where its blob is.
Result<std::optional<std::string>> batch_item(codec::Envelope& operation,
                                              const config::Batch& batch, const sys::Files& queue);

// The same of one that has a payload, which is moved out of it.
std::string payload_item(codec::Envelope& operation, const config::Batch& batch);

std::string_view batch_media_type(config::BatchFormat format);

// How much a body grows by an item, and no less.
std::uint64_t batch_bytes(std::string_view item);
std::string batch_body(std::span<const Member> members, config::BatchFormat format);

// The Idempotency-Key: of one operation its id; of several the first one's id, how many follow, and
// a digest of all ids, so that the same operations in the same order have the same key.
std::string batch_key(std::span<const Member> members);

// How many operations an operation may travel with, itself included, when `attempts` have been
// charged to it: fewer and fewer, for one of them may be the cause, and the last attempt is its
// own. That holds from the second attempt on.
std::size_t batch_company(const config::Batch& batch, int attempts, int max_attempts);

}  // namespace core::delivery
