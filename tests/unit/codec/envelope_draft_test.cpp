// SPDX-License-Identifier: MIT
#include "libcore/codec/envelope_draft.hpp"

#include <string>
#include <vector>

#include <doctest/doctest.h>

using core::codec::parse_draft;

TEST_CASE("a draft keeps the bytes of what belongs to the user") {
  const auto draft = parse_draft(
      R"({"payload": {"n":1e400,"s":"\u0000","z":1,"a":1.10} ,"type":"note","meta":{"b" : 2},)"
      R"("base":[1 ,2],"capture":{"x":"/y"},"expect":{"status":"2xx"},"id":7,"sum":null,"v":"x"})");
  REQUIRE(draft.has_value());
  CHECK(draft->payload == R"({"n":1e400,"s":"\u0000","z":1,"a":1.10})");
  CHECK(draft->meta == R"({"b" : 2})");
  CHECK(draft->base == "[1 ,2]");
  CHECK(draft->capture == R"({"x":"/y"})");
  CHECK(draft->expect == R"({"status":"2xx"})");
  CHECK_FALSE(draft->id.has_value());
}

TEST_CASE("a draft without a type is a call of its request, one without both is refused") {
  CHECK(parse_draft(R"({"request":{}})")->type == core::codec::k_default_type);
  CHECK(parse_draft(R"({"type":"note"})")->type == "note");
  CHECK_FALSE(parse_draft(R"({"payload":1})").has_value());
}

TEST_CASE("a refusal names the member") {
  struct Row {
    std::string line;
    std::string text;
  };
  for (
      const auto& row : std::vector<Row>{
          {R"({"type":"x",})", "line 1, column 13"},
          {R"([])", "not an object"},
          {R"({"type":"X"})", "type: only a-z"},
          {R"({"type":"x","priority":9223372036854775808})", "priority: "},
          {R"({"type":"x","priority":"1"})", "priority: "},
          {R"({"type":"x","max_attempts":-1})", "max_attempts: "},
          {R"({"type":"x","max_attempts":99999999999})", "max_attempts: "},
          {R"({"type":"x","lane":1})", "lane: not a string"},
          {R"({"type":"x","after":"01K"})", "after: not an array"},
          {R"({"type":"x","after_failure":"no"})", "after_failure: not fail or wait"},
          {R"({"type":"x","request":[]})", "request: not an object"},
          {R"({"type":"x","request":{"headers":[["A"]]}})",
           "request: headers: not a [name, value]"},
          {R"({"type":"x","request":{"headers":{"A B":"x"}}})", "request: headers: not a header"},
          {R"({"type":"x","request":{"url":1}})", "request: url: not a string"},
          {R"({"type":"x","meta":1})", "meta: not an object"},
          {R"({"type":"x","blob":{}})", "blob: "},
          {R"({"type":"x","lane":"a","lane":"b"})", "lane: it comes twice"},
          {R"({"type":"x","t\u0079pe":"b"})", "type: it comes twice"},
          {R"({"type":"x","if_match":"a\r\nX: y"})", "if_match: it holds a control character"},
          {R"({"type":"x","lane":"l\u0001"})", "lane: it holds a control character"},
          {R"({"type":"x","key":"\u007f"})", "key: it holds a control character"},
          {R"({"type":"x","action":")" + std::string(1025, 'a') + "\"}", "action: it is longer"},
          {R"({"type":"x","request":{"method":"CONNECT"}})", "request: method: CONNECT is for"},
          {R"({"type":"x","request":{"method":"HEAD"},"payload":1})", "method: HEAD takes no body"},
          {R"({"type":"x","request":{"method":"A B"}})", "request: method: not an HTTP method"},
          {R"({"type":"x","request":{"headers":{"A":"x\ny"}}})", "request: headers: header A: "},
          {R"({"type":"x","expires_at":"9999-12-31T23:59:59-10:00"})", "expires_at: not a time"},
          {R"({"type":"x","not_before":"2026-01-02T00:00:00Z","expires_at":"2026-01-01T00:00:00Z"})",
           "expires_at: not later than not_before"},
          {R"({"type":"x","lanes":"b"})", "unknown member 'lanes': did you mean 'lane'?"}}) {
    CAPTURE(row.line);
    const auto draft = parse_draft(row.line);
    REQUIRE_FALSE(draft.has_value());
    CHECK(draft.error().code == core::Errc::corrupt);
    CHECK_MESSAGE(draft.error().message.find(row.text) != std::string::npos, draft.error().message);
  }
}
