// SPDX-License-Identifier: MIT
#include "libcore/codec/envelope_draft.hpp"

#include <string>
#include <vector>

#include <doctest/doctest.h>

#include "libcore/codec/json_check.hpp"
#include "libcore/codec/json_members.hpp"

using core::codec::JsonElements;
using core::codec::JsonMembers;
using core::codec::parse_draft;

namespace {

std::vector<std::string> slices_of(std::string_view object) {
  std::vector<std::string> slices;
  JsonMembers members(object);
  while (const auto member = members.next()) {
    slices.emplace_back(member->name);
    slices.emplace_back(member->value);
  }
  return slices;
}

}  // namespace

TEST_CASE("the members of an object are slices of its text") {
  using Slices = std::vector<std::string>;
  CHECK(slices_of("{}").empty());
  CHECK(slices_of(" {\t} ").empty());
  CHECK(slices_of(R"({"a":1})") == Slices{"\"a\"", "1"});
  CHECK(slices_of(R"( { "a" : 1.10 , "b":-1E+2}  )") == Slices{"\"a\"", "1.10", "\"b\"", "-1E+2"});
  CHECK(slices_of(R"({"a":"}\"]","\"b\\":{"x":["}{",{"]":[]}]},"c":[1, 2],"d":null})") ==
        Slices{"\"a\"", R"("}\"]")", R"("\"b\\")", R"({"x":["}{",{"]":[]}]})", "\"c\"", "[1, 2]",
               "\"d\"", "null"});
  CHECK(slices_of(R"({"":"","a":true})") == Slices{R"("")", R"("")", "\"a\"", "true"});
}

TEST_CASE("the elements of an array are slices of its text, however deep") {
  const std::string deep = std::string(100'000, '[') + std::string(100'000, ']');
  const std::string array = "[ 1 ,\"a,]\", {\"b\":[]} ," + deep + "]";
  std::vector<std::string> found;
  JsonElements elements(array);
  while (const auto element = elements.next())
    found.emplace_back(*element);
  CHECK(found == std::vector<std::string>{"1", "\"a,]\"", "{\"b\":[]}", deep});
  CHECK_FALSE(JsonElements("[]").next().has_value());
}

TEST_CASE("what is cut off or no JSON gives slices within the text and comes to an end") {
  const std::string text = R"({"a":[1,{"b":"\"x\\"}],"c":"d","e":-1.5e3,"f":[]})";
  for (std::size_t length = 0; length <= text.size(); ++length) {
    CAPTURE(length);
    const std::string cut = text.substr(0, length);
    std::size_t steps = 0;
    JsonMembers members(cut);
    while (members.next() && steps < 100)
      ++steps;
    CHECK(steps < 100);
  }
  for (const char* odd : {"{]", "{\"a\"]}", "{:,}", "{}}", "}", "{\"a\":}x", "{\\"}) {
    std::size_t steps = 0;
    JsonMembers members{std::string_view(odd)};
    while (members.next() && steps < 100)
      ++steps;
    CHECK(steps < 100);
  }
}

TEST_CASE("a JSON string is decoded, and nothing else is") {
  using core::codec::decode_json_string;
  CHECK(*decode_json_string(R"("")") == "");
  CHECK(*decode_json_string(R"("aé\u00e9\n\/\ud83d\ude00")") == "aéé\n/😀");
  CHECK(*decode_json_string(R"("\u0000")") == std::string(1, '\0'));
  for (const char* raw : {"", "\"", "1", "null", "[]", "{}"})
    CHECK_FALSE(decode_json_string(raw).has_value());
}

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
  for (const auto& row : std::vector<Row>{
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
           {R"({"type":"x","lanes":"b"})", "unknown member 'lanes': did you mean 'lane'?"}}) {
    CAPTURE(row.line);
    const auto draft = parse_draft(row.line);
    REQUIRE_FALSE(draft.has_value());
    CHECK(draft.error().code == core::Errc::corrupt);
    CHECK_MESSAGE(draft.error().message.find(row.text) != std::string::npos, draft.error().message);
  }
}
