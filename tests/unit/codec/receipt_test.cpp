// SPDX-License-Identifier: MIT
#include "libcore/codec/receipt.hpp"

#include <string>

#include <doctest/doctest.h>

#include "libcore/codec/json_check.hpp"

using namespace core::codec;  // NOLINT(google-build-using-namespace): the subject

namespace {

constexpr auto k_id = "01K9ZZZZZZZZZZZZZZZZZZZZZZ.17";
constexpr auto k_sha = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855";

Receipt minimal() {
  Receipt receipt;
  receipt.id = *core::OperationId::parse(k_id);
  receipt.type = "api_call";
  receipt.outcome = Outcome::synced;
  receipt.at = *core::parse_time("2026-11-21T02:25:00.123456Z");
  return receipt;
}

Receipt complete() {
  Receipt receipt = minimal();
  receipt.outcome = Outcome::failed;
  receipt.reason = Reason::rejected;
  receipt.attempts = 3;
  receipt.ms = 1234;
  receipt.bytes_out = 5'000'000'000;
  receipt.bytes_in = 77;
  receipt.destination = "https://api.example.com:443";
  receipt.http.emplace();
  receipt.http->status = 422;
  receipt.http->headers = {{"Set-Cookie", "a"}, {"set-cookie", "b"}};
  receipt.http->body = "{\"error\":\"no\"}\n";
  receipt.http->truncated = true;
  receipt.error_class = "rejected";
  receipt.error_message = "422 Unprocessable \"Entity\"";
  return receipt;
}

}  // namespace

TEST_CASE("a receipt says the least that is true") {
  CHECK(format_receipt(minimal()) ==
        R"({"id":"01K9ZZZZZZZZZZZZZZZZZZZZZZ.17","type":"api_call","outcome":"synced",)"
        R"("at":"2026-11-21T02:25:00.123456Z","attempts":0,"ms":0,"bytes_out":0,"bytes_in":0})"
        "\n");
}

TEST_CASE("a receipt comes back as it was written") {
  const std::string line = format_receipt(complete());
  const auto parsed = parse_receipt(line);

  CHECK(line.find('\n') == line.size() - 1);
  REQUIRE(parsed.has_value());
  CHECK(parsed->id == complete().id);
  CHECK(parsed->outcome == Outcome::failed);
  CHECK(parsed->reason == Reason::rejected);
  CHECK(parsed->bytes_out == 5'000'000'000);
  CHECK(parsed->http->status == 422);
  CHECK(parsed->http->headers == complete().http->headers);
  CHECK(parsed->http->body == "{\"error\":\"no\"}\n");
  CHECK(parsed->http->truncated);
  CHECK(parsed->error_message == complete().error_message);
  CHECK(format_receipt(*parsed) == line);
}

TEST_CASE("an answer in a blob and every outcome come back") {
  for (std::size_t i = 0; i < core::enum_names<Outcome>.size(); ++i) {
    for (std::size_t k = 0; k < core::enum_names<Reason>.size(); ++k) {
      Receipt receipt = minimal();
      receipt.outcome = static_cast<Outcome>(i);
      receipt.reason = static_cast<Reason>(k);
      receipt.http.emplace().blob.emplace().sha256 = k_sha;
      const auto parsed = parse_receipt(format_receipt(receipt));
      REQUIRE(parsed.has_value());
      CHECK(format_receipt(*parsed) == format_receipt(receipt));
    }
  }
}

TEST_CASE("no torn line passes for a receipt") {
  const std::string line = format_receipt(complete());
  for (std::size_t length = 0; length + 2 <= line.size(); ++length) {
    CAPTURE(length);
    const auto parsed = parse_receipt(std::string_view(line).substr(0, length));
    REQUIRE_FALSE(parsed.has_value());
    CHECK(parsed.error().code == core::Errc::corrupt);
  }
  CHECK(parse_receipt(std::string_view(line).substr(0, line.size() - 1)).has_value());
}

TEST_CASE("members of a later version are ignored") {
  std::string line = format_receipt(complete());
  line.insert(1, R"("captured":{"a":[1,{"b":2}]},"resolved":"local","n":1e400,)");
  line.insert(line.find("\"status\""), R"("version":2,"trailers":{},)");
  const auto parsed = parse_receipt(line);
  REQUIRE(parsed.has_value());
  CHECK(format_receipt(*parsed) == format_receipt(complete()));
}

TEST_CASE("what is no receipt is refused") {
  const std::pair<std::string, std::string> rows[] = {
      {"", "not JSON"},
      {"x", "not a JSON object"},
      {"[]", "not a JSON object"},
      {"{}", "id: missing"},
      {R"({"id":"x"})", "id: not an operation id: 'x'"},
      {R"({"id":"01K9ZZZZZZZZZZZZZZZZZZZZZZ"})", "outcome: missing"},
      {R"({"outcome":"lost"})", "outcome: unknown value 'lost'"},
      {R"({"reason":5})", "reason: not a string"},
      {R"({"http":{"status":"200"}})", "http: status: not a whole number of 64 bits"},
      {R"({"attempts":-1})", "attempts: out of range"},
      {R"({"at":"x"})", "at: not a time: 'x': write it as 2026-11-21T02:25:00Z"},
      {"{\"type\":\"\xff\"}", "not UTF-8"},
  };
  for (const auto& [text, message] : rows) {
    CAPTURE(text);
    const auto parsed = parse_receipt(text);
    REQUIRE_FALSE(parsed.has_value());
    CHECK(parsed.error().message == message);
  }
  const std::string line = format_receipt(minimal());
  CHECK_FALSE(parse_receipt(line + line).has_value());
}

TEST_CASE("a body that is not UTF-8 still makes a line that can be read") {
  Receipt receipt = minimal();
  receipt.http.emplace().headers = {{"X", "\xff"}};
  receipt.http->body = "a\xff\n";
  const std::string line = format_receipt(receipt);
  CHECK(check_json(line).has_value());
  CHECK(parse_receipt(line)->http->body == "a\uFFFD\n");
}
