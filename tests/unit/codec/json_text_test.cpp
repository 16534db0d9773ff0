// SPDX-License-Identifier: MIT
#include "libcore/codec/json_text.hpp"

#include <limits>

#include <doctest/doctest.h>

#include "libcore/codec/json_check.hpp"

using core::codec::JsonObject;
using core::codec::quote_json;
using namespace std::string_literals;  // NOLINT(google-build-using-namespace): for NUL bytes

TEST_CASE("strings are quoted so that every JSON reader gets the same bytes back") {
  const std::pair<std::string, std::string> rows[] = {
      {"", R"("")"},
      {"plain", R"("plain")"},
      {"say \"hi\" \\ there", R"("say \"hi\" \\ there")"},
      {"\b\f\n\r\t", R"("\b\f\n\r\t")"},
      {"\0\x01\x1f\x7f"s, "\"\\u0000\\u0001\\u001f\x7f\""},
      {"a/b", R"("a/b")"},
      {"ä€😀\U0010FFFF", "\"ä€😀\U0010FFFF\""},
  };
  for (const auto& [text, quoted] : rows) {
    CAPTURE(quoted);
    CHECK(quote_json(text) == quoted);
    CHECK(core::codec::check_json(quote_json(text)).has_value());
  }
}

TEST_CASE("a byte is escaped wherever it stands") {
  for (int value = 0; value < 0x80; ++value) {
    const std::string byte(1, static_cast<char>(value));
    const std::string quoted = quote_json(byte);
    const std::string escaped = quoted.substr(1, quoted.size() - 2);
    for (std::size_t before = 0; before < 18; ++before) {
      const std::string left(before, '~');
      const std::string right(17 - before, ' ');
      CHECK(quote_json(left + byte + right) == '"' + left + escaped + right + '"');
    }
  }
}

TEST_CASE("bytes that are not UTF-8 become the replacement character") {
  const std::pair<std::string, std::string> rows[] = {
      {"\xff", "\"\uFFFD\""},
      {"a\xc3", "\"a\uFFFD\""},
      {"\xc0\xaf", "\"\uFFFD\uFFFD\""},
      {"\xed\xa0\x80", "\"\uFFFD\uFFFD\uFFFD\""},
      {"\xe2\x82 x\n", "\"\uFFFD\uFFFD x\\n\""},
      {"ok\x80\"ok", "\"ok\uFFFD\\\"ok\""},
  };
  for (const auto& [text, quoted] : rows) {
    CAPTURE(quoted);
    CHECK(quote_json(text) == quoted);
    CHECK(core::codec::check_json(quote_json(text)).has_value());
  }
}

TEST_CASE("an object keeps the order of its members") {
  JsonObject object;
  CHECK(object.empty());
  CHECK(object.text() == "{}");

  object.add("z", "last").add("a", 1).add("t", true).add("f", false);
  object.add("big", std::numeric_limits<std::uint64_t>::max()).add("neg", std::int64_t{-5});
  object.add("d", 0.1).add_raw("raw", R"({"x":1.10})").add("q\"", std::string("s"));

  CHECK_FALSE(object.empty());
  CHECK(object.text() ==
        R"({"z":"last","a":1,"t":true,"f":false,"big":18446744073709551615,"neg":-5,)"
        R"("d":0.1,"raw":{"x":1.10},"q\"":"s"})");
}

TEST_CASE("numbers that JSON cannot say become null") {
  JsonObject object;
  object.add("inf", std::numeric_limits<double>::infinity());
  object.add("nan", std::numeric_limits<double>::quiet_NaN());
  CHECK(object.text() == R"({"inf":null,"nan":null})");
}
