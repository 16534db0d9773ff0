// SPDX-License-Identifier: MIT
#include "libcore/codec/json_pretty.hpp"

#include <doctest/doctest.h>

using core::codec::pretty_json;

TEST_CASE("pretty JSON changes blanks between tokens and nothing else") {
  const std::pair<const char*, const char*> cases[] = {
      {"1.10", "1.10"},
      {R"({"a":12345678901234567890,"b":[1,{}],"c":[]})",
       "{\n  \"a\": 12345678901234567890,\n  \"b\": [\n    1,\n    {}\n  ],\n  \"c\": []\n}"},
      {R"( { "x" : "a,{\"}[\\" } )", "{\n  \"x\": \"a,{\\\"}[\\\\\"\n}"},
      {"{ }", "{}"},
      {"[\n]", "[]"},
  };
  for (const auto& [json, pretty] : cases)
    CHECK(pretty_json(json) == pretty);
  CHECK(pretty_json("[1]", 4) == "[\n      1\n    ]");
}

TEST_CASE("pretty JSON commands no terminal") {
  CHECK(pretty_json("[\"\x7f\xc2\x9b!é\xe2\x80\xae\xe2\x81\xa6€\"]") ==
        "[\n  \"\\u007f\\u009b!é\\u202e\\u2066€\"\n]");
}

TEST_CASE("pretty JSON of text that is none ends all the same") {
  for (const char* text : {"", "\"", "\"\\", "]]]", "{", "[[["})
    CHECK(pretty_json(text).size() < 100);
}
