// SPDX-License-Identifier: MIT
// parse_inbox_line: apart from inbox_line.cpp, so that only readers link simdjson.
#include "libcore/base/text.hpp"
#include "libcore/codec/inbox_line.hpp"
#include "libcore/codec/ondemand.hpp"

namespace core::codec {
namespace {

Result<> read_body(InboxLine& line, std::string_view key, OnDemandValue value) {
  if (key == "body") {
    TRY_ASSIGN(std::string text, read_raw(value));
    line.body = InboxJson{std::move(text)};
  } else if (key == "text") {
    TRY_ASSIGN(std::string text, read_text(value));
    line.body = InboxText{std::move(text)};
  } else if (key == "blob") {
    TRY_ASSIGN(line.body, read_blob(value));
  }
  return {};
}

Result<> read_answer(InboxLine& line, OnDemandValue value) {
  return read_members(value, [&](std::string_view key, OnDemandValue member) -> Result<> {
    if (key == "status") {
      TRY_ASSIGN(line.status, read_count(member));
    }
    return {};
  });
}

Result<> read_member(InboxLine& line, std::string_view key, OnDemandValue value) {
  if (key == "id") {
    TRY_ASSIGN(const std::string text, read_text(value));
    const auto id = Ulid::parse(text);
    if (!id) return fail(Errc::corrupt, "not an id: '" + printable(text, 60) + "'");
    line.id = *id;
  } else if (key == "at") {
    TRY_ASSIGN(line.at, read_time(value));
  } else if (key == "method") {
    TRY_ASSIGN(line.method, read_text(value));
  } else if (key == "target") {
    TRY_ASSIGN(line.target, read_text(value));
  } else if (key == "headers") {
    TRY_ASSIGN(line.headers, read_headers(value));
  } else if (key == "key") {
    TRY_ASSIGN(line.key, read_text(value));
  } else if (key == "answer") {
    return read_answer(line, value);
  }
  return read_body(line, key, value);
}

}  // namespace

Result<InboxLine> parse_inbox_line(std::string_view text) {
  InboxLine line;
  TRY(read_document(text, [&](std::string_view key, OnDemandValue value) {
    return read_member(line, key, value);
  }));
  if (line.id == Ulid{}) return fail(Errc::corrupt, "id: missing");
  if (line.method.empty()) return fail(Errc::corrupt, "method: missing");
  if (line.target.empty()) return fail(Errc::corrupt, "target: missing");
  if (line.status == 0) return fail(Errc::corrupt, "answer: missing");
  return line;
}

}  // namespace core::codec
