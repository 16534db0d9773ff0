// SPDX-License-Identifier: MIT
#pragma once

// A receipt: what became of an operation, one JSON object on one line of receipts/DAY.jsonl,
// described in offq-queue(5). The last receipt of an id holds.

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "libcore/base/enum_names.hpp"
#include "libcore/base/ids.hpp"
#include "libcore/base/result.hpp"
#include "libcore/base/serial.hpp"
#include "libcore/base/time.hpp"
#include "libcore/codec/envelope.hpp"

namespace core::codec {

enum class Outcome {
  synced,     // delivered: final
  failed,     // given up: `reason` says why
  attempted,  // tried, charged, still pending (batch lines and the history of offq show)
  retried,    // put back to pending on request: cancels the receipts before it
  deleted,    // removed on request
};

// Why an operation is in failed/.
enum class Reason {
  none,
  rejected,
  exhausted,
  expired,
  cancelled,
  conflict,
  unreadable,
  dependency,
  replaced,
  moved,  // a person moved the file there
};

struct HttpAnswer {
  int status = 0;
  std::vector<Header> headers;
  std::optional<std::string> body;  // text; what is not UTF-8 goes to a blob
  std::optional<BlobRef> blob;
  bool truncated = false;  // more came than is kept
};

struct Receipt {
  OperationId id;
  std::optional<Serial> serial;  // of the operation, where the writer had it at hand
  std::string type;
  Outcome outcome = Outcome::attempted;
  Reason reason = Reason::none;
  Time at;
  int attempts = 0;  // charged so far, this one included
  std::int64_t ms = 0;
  std::uint64_t bytes_out = 0;
  std::uint64_t bytes_in = 0;
  std::string destination;
  std::optional<HttpAnswer> http;
  std::string error_class;  // empty: no error
  std::string error_message;
};

// One line, newline included. Receipts carry no seal: a torn line does not parse and is skipped.
std::string format_receipt(const Receipt& receipt);
// Errors: corrupt.
Result<Receipt> parse_receipt(std::string_view line);

}  // namespace core::codec

template <>
inline constexpr std::array<std::string_view, 5> core::enum_names<core::codec::Outcome>{
    "synced", "failed", "attempted", "retried", "deleted"};
template <>
inline constexpr std::array<std::string_view, 10> core::enum_names<core::codec::Reason>{
    "",         "rejected",   "exhausted",  "expired",  "cancelled",
    "conflict", "unreadable", "dependency", "replaced", "moved"};
