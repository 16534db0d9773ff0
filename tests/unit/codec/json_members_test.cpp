// SPDX-License-Identifier: MIT
#include "libcore/codec/json_members.hpp"

#include <doctest/doctest.h>

using core::codec::json_elements;
using core::codec::json_members;
using core::codec::JsonElements;
using core::codec::JsonMembers;

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

TEST_CASE("members come in order, raw, with decoded keys") {
  const auto members = json_members(R"( {"b": 1.10, "\u0061" :[1, 2] ,"c":{"d":"\n"}, "e":"x"} )");
  REQUIRE(members.has_value());
  CHECK(*members == std::vector<std::pair<std::string, std::string>>{
                        {"b", "1.10"}, {"a", "[1, 2]"}, {"c", R"({"d":"\n"})"}, {"e", R"("x")"}});
  CHECK(json_members("{}")->empty());
  CHECK(json_members("[]").error().message == "not an object");
  CHECK_FALSE(json_members(R"({"a":1,"a":2})").has_value());
  CHECK_FALSE(json_members("{\"a\":1").has_value());
}

TEST_CASE("elements come in order, raw") {
  CHECK(*json_elements(R"( [ 1.0 , "a", {"x":[ ]} ] )") ==
        std::vector<std::string>{"1.0", R"("a")", R"({"x":[ ]})"});
  CHECK(json_elements("[]")->empty());
  CHECK(json_elements("{}").error().message == "not an array");
  CHECK_FALSE(json_elements("[1,]").has_value());
}
