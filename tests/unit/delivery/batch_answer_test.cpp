// SPDX-License-Identifier: MIT
#include "libcore/delivery/batch_answer.hpp"

#include <string>
#include <vector>

#include <doctest/doctest.h>

using namespace core::delivery;

namespace {

constexpr std::string_view k_stem = "01KAJ6Q0000000000000000000";

std::vector<Member> three() {
  std::vector<Member> members(3);
  for (std::uint32_t i = 0; i < 3; ++i)
    members[i].entry.id = {.stem = core::Ulid::parse(k_stem).value(), .line = i + 1};
  return members;
}

core::Result<std::vector<PartAnswer>> read(std::string body, const std::string& results = {},
                                           const Expect& expect = {}) {
  const core::net::HttpResponse response{.status = 200, .headers = {}, .body = std::move(body)};
  return read_batch_answer(response, {.results = results}, three(), expect);
}

// "dtr": delivered, temporary, rejected; c: conflict.
std::string kinds(const core::Result<std::vector<PartAnswer>>& parts) {
  REQUIRE_MESSAGE(parts.has_value(), (parts ? "" : parts.error().message));
  std::string text;
  for (const auto& part : *parts)
    text += core::name_of(part.verdict.kind).front();
  return text;
}

}  // namespace

TEST_CASE("each element of the answer is the verdict of one operation, in order") {
  struct Row {
    std::string body;
    std::string kinds;
  };
  const Row rows[] = {
      {R"([{"status":200},{"status":201},{"status":"204"}])", "ddd"},
      {R"([{"status":422},{"status":409},{"status":412}])", "rcc"},
      {R"([{"status":500},{"status":429},{"status":302}])", "ttt"},
      {R"([{"status":408},{"status":401},{"status":404}])", "trr"},
      {R"([{"ok":true},{"ok":false},{"ok":true,"error":null}])", "drd"},
      {R"([{"error":"no"},{"error":{"message":"full"}},{"ok":true}])", "rrd"},
      {R"([{"status":503,"error":"busy"},{"status":200,"ok":false},{"ok":true}])", "tdd"},
      {R"([200, 404, 500])", "drt"},
      {"[true,\n false , true]", "drd"},
  };
  for (const auto& row : rows) {
    CAPTURE(row.body);
    CHECK(kinds(read(row.body)) == row.kinds);
  }
}

TEST_CASE("results may stand anywhere in the answer, and may name their operation") {
  CHECK(kinds(read(R"({"a":{"items":[200,400,200]}})", "/a/items")) == "drd");
  const std::string id(k_stem);
  CHECK(kinds(read(R"([{"id":")" + id + R"(.3","ok":false},{"id":")" + id +
                   R"(.1","ok":true},{"id":")" + id + R"(.2","ok":true}])")) == "ddr");
  // The server's own ids are not ours.
  CHECK(kinds(read(R"([{"id":"a","ok":true},{"id":"b","ok":false},{"id":17,"ok":true}])")) ==
        "drd");
}

TEST_CASE("operations that a naming answer leaves out are tried again") {
  const auto parts = read(R"([{"id":"01KAJ6Q0000000000000000000.2","status":200}])");
  CHECK(kinds(parts) == "tdt");
  CHECK((*parts)[0].verdict.message.find("no result") != std::string::npos);
}

TEST_CASE("what was expected of the status of an operation is a delivery") {
  Expect expect;
  expect.status = {{200, 200}, {404, 404}};
  CHECK(kinds(read("[200,404,410]", {}, expect)) == "ddr");
}

TEST_CASE("an answer that does not tell the fate of each is no answer") {
  for (const char* body :
       {"", "ok", "<html>", "{}", R"({"status":200})", "[]", "[200]", "[200,200]",
        "[200,200,200,200]", "[200,200,200", "[200,null,200]", "[{},{},{}]", R"(["ok","ok","ok"])",
        "[1,2,3]", "[200,200,99]",
        R"([{"id":"01KAJ6Q0000000000000000000.2","ok":true},{"ok":true},true])"}) {
    CAPTURE(body);
    const auto parts = read(body);
    REQUIRE_FALSE(parts.has_value());
    CHECK(parts.error().message.find("results") != std::string::npos);
  }
  CHECK_FALSE(read("[200,200,200]", "/items").has_value());
}

TEST_CASE("an answer that was cut off is no answer") {
  const core::net::HttpResponse cut{
      .status = 200, .headers = {}, .body = "[200,200,200]", .truncated = true};
  CHECK_FALSE(read_batch_answer(cut, {}, three(), {}).has_value());
}

TEST_CASE("a refused operation says why, in the server's words") {
  const auto parts =
      read(R"([{"status":422,"error":"bad \"name\""},{"error":{"message":"x"}},200])");
  REQUIRE(parts.has_value());
  CHECK((*parts)[0].verdict.message == "status 422: bad \"name\"");
  CHECK((*parts)[0].status == 422);
  CHECK((*parts)[0].text == R"({"status":422,"error":"bad \"name\""})");
  CHECK((*parts)[1].verdict.message == "x");
}
