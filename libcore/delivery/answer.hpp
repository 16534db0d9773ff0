// SPDX-License-Identifier: MIT
#pragma once

// What a receipt says of an answer. Pure but for `keep_body`.

#include <cstddef>
#include <functional>
#include <string_view>

#include "libcore/base/result.hpp"
#include "libcore/codec/receipt.hpp"
#include "libcore/net/http.hpp"

namespace core::delivery {

// Keeps a body that is large or no text, and says where.
using BodyKeeper = std::function<Result<codec::BlobRef>(std::string_view body)>;

// Fills in how long it took, what went over the wire, and the answer if there was one: text of up
// to 64 KiB as it is, what is larger or no text as a blob. Errors: those of `keep_body`; the
// receipt is complete then but for the body, and says so.
Result<> describe_answer(const net::HttpExchange& exchange, const BodyKeeper& keep_body,
                         codec::Receipt& receipt);

// The same for one of `count` operations that shared the request: its share of the bytes, the
// status that the answer has for it, if not 0, and the beginning of what the answer says of it.
void describe_part(const net::HttpExchange& exchange, std::size_t count, int status,
                   std::string_view text, codec::Receipt& receipt);

}  // namespace core::delivery
