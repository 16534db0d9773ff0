// SPDX-License-Identifier: MIT
#include "libcore/codec/json_check.hpp"

#include <string>
#include <utility>

#include <doctest/doctest.h>

using core::codec::check_json;
using core::codec::JsonKind;
using namespace std::string_literals;  // NOLINT(google-build-using-namespace): for NUL bytes

TEST_CASE("every kind of JSON value is recognised") {
  const std::pair<std::string, JsonKind> rows[] = {
      {"{}", JsonKind::object},        {R"( {"a":[1,{"b":null}]} )", JsonKind::object},
      {"[]", JsonKind::array},         {"\n[1,\t2]\r\n", JsonKind::array},
      {R"("text")", JsonKind::string}, {R"("\u0000\ud83d\ude00")", JsonKind::string},
      {"\"ä€😀\"", JsonKind::string},  {"0", JsonKind::number},
      {"-0.0", JsonKind::number},      {"1.10E+5", JsonKind::number},
      {"true", JsonKind::boolean},     {"false", JsonKind::boolean},
      {"null", JsonKind::null},        {R"({"a":1,"a":2})", JsonKind::object},
  };
  for (const auto& [text, kind] : rows) {
    CAPTURE(text);
    const auto result = check_json(text);
    REQUIRE(result.has_value());
    CHECK(*result == kind);
  }
}

TEST_CASE("numbers of any size are JSON") {
  const std::string huge(400, '9');
  for (const auto& number :
       {"1e400"s, "-1e400"s, "1E+99999"s, "123456789012345678901234567890"s, huge, "-" + huge,
        huge + ".5", huge + "." + huge + "e" + huge, "1e-400"s}) {
    CAPTURE(number);
    CHECK(check_json(number).has_value());
    CHECK(check_json("{\"1e400\\\"\":[" + number + ",1e400, " + number + "],\"b\":1}").has_value());
  }
}

TEST_CASE("a huge number does not hide damage elsewhere") {
  const std::pair<std::string, std::string> rows[] = {
      {"1e400x", "line 1, column 6: "},      {"[1e400,]", "line 1, column 8: "},
      {"[1e400 2]", "line 1, column 8: "},   {"01e400", "line 1, column "},
      {"1e400e5", "line 1, column 6: "},     {"[1e400,\n 1e400, x]", "line 2, column 9: "},
      {"1e400 \"a", "line 1, column "},      {"[1e400,\"\xff\"]", "line 1, column 9: "},
      {"{\"a\":1e400", "line 1, column "},   {"1e400-", "line 1, column "},
      {"[1e400, -]", "line 1, column 10: "}, {"[1e400, 1.]", "line 1, column 11: "},
  };
  for (const auto& [text, where] : rows) {
    CAPTURE(text);
    const auto result = check_json(text);
    REQUIRE_FALSE(result.has_value());
    CHECK(result.error().code == core::Errc::corrupt);
    CAPTURE(result.error().message);
    CHECK(result.error().message.starts_with(where));
  }
}

TEST_CASE("what is not JSON is refused with its place and cause") {
  const std::pair<std::string, std::string> rows[] = {
      {"", "line 1, column 1: no JSON value: the text is empty"},
      {" \n ", "line 1, column 1: no JSON value: the text is empty"},
      {"{\"a\":1,}", "line 1, column 8: unexpected '}', expected a string"},
      {"[1 2]", "line 1, column 4: unexpected number literal, expected ']'"},
      {"{\n  \"a\": 1,\n  b\n}", "line 3, column 3: invalid literal, expected a string"},
      {"{\"a\"", "line 1, column 5: unexpected end of input, expected ':'"},
      {"[1]x", "line 1, column 4: invalid literal, expected end of input"},
      {"{} {}", "line 1, column 4: unexpected '{', expected end of input"},
      {"\"a\nb\"",
       "line 1, column 3: control character U+000A (LF) must be escaped to \\u000A or "
       "\\n"},
      {"\"ä\xff\"", "line 1, column 4: ill-formed UTF-8 byte"},
      {"\"\xed\xa0\x80\"", "line 1, column 3: ill-formed UTF-8 byte"},
      {"\"abc", "line 1, column 5: missing closing quote"},
      {"\xEF\xBB\xBF{}", "line 1, column 1: byte order mark"},
      {"{}\0"s, "line 1, column 3: NUL byte"},
      {"\"a\0b\""s, "line 1, column 3: NUL byte"},
      {"]", "line 1, column 1: unexpected ']', expected a value"},
  };
  for (const auto& [text, message] : rows) {
    CAPTURE(text);
    const auto result = check_json(text);
    REQUIRE_FALSE(result.has_value());
    CHECK(result.error().code == core::Errc::corrupt);
    CHECK(result.error().message == message);
  }
}

TEST_CASE("looser dialects are not JSON") {
  for (const auto& text :
       {"nul"s,   "NaN"s,       "Infinity"s,  "'a'"s,         "{a:1}"s,       "[1,]"s,
        "+1"s,    "01"s,        ".5"s,        "1."s,          "0x10"s,        "/**/1"s,
        "1//x"s,  "\"\\x41\""s, "\"\\u12\""s, R"("\ud800")"s, R"("\udc00")"s, "{\"a\" 1}"s,
        "{1:2}"s, "\"\t\""s,    "tru"s,       "True"s,        "-"s,           "1e"s,
        "1e+"s,   "{"s,         "["s,         "\f1"s,         "\xc2\xa0"s}) {
    CAPTURE(text);
    const auto result = check_json(text);
    REQUIRE_FALSE(result.has_value());
    CHECK(result.error().message.find("json.exception") == std::string::npos);
    CHECK(result.error().message.size() < 120);
  }
}

TEST_CASE("deep nesting does not use the stack") {
  constexpr std::size_t k_depth = 100'000;
  const std::string open(k_depth, '[');
  CHECK_FALSE(check_json(open).has_value());
  CHECK(check_json(open + std::string(k_depth, ']')).has_value());
}
