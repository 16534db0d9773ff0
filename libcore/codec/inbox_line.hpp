// SPDX-License-Identifier: MIT
#pragma once

// One line of an inbox (net/inbox.hpp says what that is): a request that `offq receive` accepted,
// as one JSON object:
//
//   {"id":"01K…","at":"2026-11-21T02:25:00.123456Z","method":"POST","target":"/v1/runs?x=1",
//    "headers":{"Host":"127.0.0.1:8787"},"key":"01J…","body":{"as":"it came"},
//    "answer":{"status":201}}
//
// "key" is the request's Idempotency-Key, if it had one. At most one of three says the body:
// "body" is JSON as it came, byte for byte but for blanks around it; "text" is other UTF-8, or
// JSON that spans lines; "blob" is {"sha256","size","media_type"} of a file in blobs/.

#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "libcore/base/ids.hpp"
#include "libcore/base/result.hpp"
#include "libcore/base/time.hpp"
#include "libcore/codec/envelope.hpp"

namespace core::codec {

struct InboxJson {
  std::string text;
};
struct InboxText {
  std::string text;
};

struct InboxLine {
  Ulid id;
  Time at;
  std::string method;
  std::string target;
  std::vector<Header> headers;
  std::string key;  // empty: none
  std::variant<std::monostate, InboxJson, InboxText, BlobRef> body;
  int status = 0;  // of the answer
};

// Newline included. Needs no parser library.
std::string format_inbox_line(const InboxLine& line);
// Without the newline; members that it does not know are skipped. Errors: corrupt.
Result<InboxLine> parse_inbox_line(std::string_view text);

}  // namespace core::codec
