// SPDX-License-Identifier: MIT
// parse_receipt: apart from receipt.cpp, so that programs which only write receipts do not link
// simdjson.
#include <utility>

#include "libcore/base/text.hpp"
#include "libcore/codec/corrupt.hpp"
#include "libcore/codec/ondemand.hpp"
#include "libcore/codec/receipt.hpp"

namespace core::codec {
namespace {

template <typename E>
Result<E> read_name(OnDemandValue value) {
  TRY_ASSIGN(const auto text, read_text(value));
  const auto known = value_of<E>(text);
  if (!known) return corrupt("unknown value '" + printable(text, 60) + "'");
  return *known;
}

Result<HttpAnswer> read_answer(OnDemandValue value) {
  HttpAnswer answer;
  TRY(read_members(value, [&](std::string_view key, OnDemandValue member) -> Result<> {
    if (key == "status") {
      TRY_ASSIGN(answer.status, read_count(member));
    } else if (key == "headers") {
      TRY_ASSIGN(answer.headers, read_headers(member));
    } else if (key == "body") {
      TRY_ASSIGN(answer.body, read_text(member));
    } else if (key == "blob") {
      TRY_ASSIGN(answer.blob, read_blob(member));
    } else if (key == "truncated") {
      TRY_ASSIGN(answer.truncated, read_flag(member));
    }
    return {};
  }));
  return answer;
}

Result<> read_error(Receipt& receipt, OnDemandValue value) {
  return read_members(value, [&](std::string_view key, OnDemandValue member) -> Result<> {
    if (key == "class") {
      TRY_ASSIGN(receipt.error_class, read_text(member));
    } else if (key == "message") {
      TRY_ASSIGN(receipt.error_message, read_text(member));
    }
    return {};
  });
}

// What a receipt cannot do without.
struct Seen {
  bool id = false;
  bool outcome = false;
  bool at = false;
};

Result<> read_numbers(Receipt& receipt, std::string_view key, OnDemandValue value) {
  if (key == "attempts") {
    TRY_ASSIGN(receipt.attempts, read_count(value));
  } else if (key == "ms") {
    TRY_ASSIGN(receipt.ms, read_integer(value));
  } else if (key == "bytes_out") {
    TRY_ASSIGN(receipt.bytes_out, read_unsigned(value));
  } else if (key == "bytes_in") {
    TRY_ASSIGN(receipt.bytes_in, read_unsigned(value));
  }
  return {};
}

Result<> read_member(Receipt& receipt, Seen& seen, std::string_view key, OnDemandValue value) {
  if (key == "id") {
    TRY_ASSIGN(const auto text, read_text(value));
    const auto id = OperationId::parse(text);
    if (!id) return corrupt("not an operation id: '" + printable(text, 60) + "'");
    receipt.id = *id;
    seen.id = true;
  } else if (key == "seq") {
    TRY_ASSIGN(const auto text, read_text(value));
    receipt.serial = Serial::parse(text);
  } else if (key == "type") {
    TRY_ASSIGN(receipt.type, read_text(value));
  } else if (key == "outcome") {
    TRY_ASSIGN(receipt.outcome, read_name<Outcome>(value));
    seen.outcome = true;
  } else if (key == "reason") {
    TRY_ASSIGN(receipt.reason, read_name<Reason>(value));
  } else if (key == "at") {
    TRY_ASSIGN(receipt.at, read_time(value));
    seen.at = true;
  } else if (key == "destination") {
    TRY_ASSIGN(receipt.destination, read_text(value));
  } else if (key == "http") {
    TRY_ASSIGN(receipt.http, read_answer(value));
  } else if (key == "error") {
    return read_error(receipt, value);
  }
  return read_numbers(receipt, key, value);
}

}  // namespace

Result<Receipt> parse_receipt(std::string_view line) {
  Receipt receipt;
  Seen seen;
  TRY(read_document(line, [&](std::string_view key, OnDemandValue value) {
    return read_member(receipt, seen, key, value);
  }));
  if (!seen.id) return corrupt("id: missing");
  if (!seen.outcome) return corrupt("outcome: missing");
  if (!seen.at) return corrupt("at: missing");
  return receipt;
}

}  // namespace core::codec
