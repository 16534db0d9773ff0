// SPDX-License-Identifier: MIT
#include "libcore/codec/json_value.hpp"

#include <doctest/doctest.h>

using core::codec::json_at;
using core::codec::json_equal;

TEST_CASE("a pointer finds the raw text of a value") {
  const std::string text =
      R"( {"foo":["bar", "baz"],"":0,"a/b":1.10,"m~n":{ "x" : [ ] },"k\"l":6,"e":{"":{}},)"
      R"("big":123456789012345678901234567890,"\u0061bc":"\u0000","n":null,"n":2,"d":[[1,[2]]]} )";
  const std::pair<std::string, std::string> rows[] = {
      {"/foo", R"(["bar", "baz"])"},
      {"/foo/0", R"("bar")"},
      {"/foo/1", R"("baz")"},
      {"/", "0"},
      {"/a~1b", "1.10"},
      {"/m~0n", R"({ "x" : [ ] })"},
      {"/m~0n/x", "[ ]"},
      {"/k\"l", "6"},
      {"/e/", "{}"},
      {"/big", "123456789012345678901234567890"},
      {"/abc", R"("\u0000")"},
      {"/n", "null"},
      {"/d/0/1/0", "2"},
  };
  for (const auto& [pointer, value] : rows) {
    CAPTURE(pointer);
    const auto found = json_at(text, pointer);
    REQUIRE(found.has_value());
    CHECK(*found == value);
  }
  CHECK(**json_at(" [1] ", "") == "[1]");
  CHECK(**json_at("5", "") == "5");
}

TEST_CASE("a pointer that leads nowhere finds nothing") {
  const std::string text = R"({"foo":["bar"],"x":5,"o":{}})";
  for (const auto* pointer : {"/nope", "/foo/1", "/foo/-", "/foo/01", "/foo/bar", "/foo/0/a",
                              "/x/0", "/o/a", "/o/", "/foo/99999999999999999999999"}) {
    CAPTURE(pointer);
    const auto found = json_at(text, pointer);
    REQUIRE(found.has_value());
    CHECK_FALSE(found->has_value());
  }
  CHECK_FALSE(json_at("5", "/a")->has_value());
  CHECK_FALSE(json_at("[]", "/0")->has_value());
}

TEST_CASE("malformed pointers and texts are refused") {
  for (const auto* pointer : {"a", "a/b", "/~", "/~2", "#/a"}) {
    CAPTURE(pointer);
    CHECK(json_at("{}", pointer).error().code == core::Errc::usage);
  }
  for (const auto* text : {"", "{", "<html>", "{\"a\":1,}", "{\"a\":[}"}) {
    CAPTURE(text);
    CHECK(json_at(text, "/a").error().code == core::Errc::corrupt);
  }
}

TEST_CASE("equality looks at the meaning") {
  const std::pair<std::string, std::string> equal[] = {
      {"1", " 1 "},
      {"1", "1.0"},
      {"100", "1e2"},
      {R"("a")", R"("\u0061")"},
      {R"({"a":1,"b":[2]})", R"({ "b":[2], "a":1 })"},
      {"1e400", "1e400"},
      {"null", "null"},
      {"[]", "[ ]"},
  };
  for (const auto& [a, b] : equal) {
    CAPTURE(a);
    CHECK(json_equal(a, b));
  }
  const std::pair<std::string, std::string> different[] = {
      {"1", "2"},   {"1", R"("1")"},   {"[1,2]", "[2,1]"},
      {"{}", "[]"}, {"null", "false"}, {R"({"a":1})", R"({"a":1,"b":2})"},
      {"", ""},     {"{", "{"},        {"x", "x"},
  };
  for (const auto& [a, b] : different) {
    CAPTURE(a);
    CHECK_FALSE(json_equal(a, b));
  }
}

TEST_CASE("comparing deep texts does not use the stack") {
  const std::string deep = std::string(100'000, '[') + std::string(100'000, ']');
  CHECK(json_equal(deep, deep));
  CHECK_FALSE(json_equal(deep, "[" + deep + "]"));
  CHECK(json_at(deep, "/0/0")->value().size() == deep.size() - 4);
}
