// SPDX-License-Identifier: MIT
#include "libcore/codec/envelope.hpp"

#include <random>
#include <string>

#include <doctest/doctest.h>
#include <fmt/core.h>

#include "libcore/codec/crc32c.hpp"
#include "libcore/codec/json_check.hpp"

using core::OperationId;
using namespace core::codec;           // NOLINT(google-build-using-namespace): the subject
using namespace std::string_literals;  // NOLINT(google-build-using-namespace): for NUL bytes

namespace {

constexpr auto k_id = "01K9ZZZZZZZZZZZZZZZZZZZZZZ";
constexpr auto k_other_id = "01K9ZZZZZZZZZZZZZZZZZZZZZY";
constexpr auto k_sha = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855";

Envelope minimal() {
  Envelope envelope;
  envelope.id = OperationId::parse(k_id);
  envelope.type = "api_call";
  envelope.created_at = *core::parse_time("2026-11-21T02:25:00.123456Z");
  return envelope;
}

Envelope with_payload(std::string payload) {
  Envelope envelope = minimal();
  envelope.payload = std::move(payload);
  return envelope;
}

// The same object with a seal of its own, as format_envelope would end it.
std::string seal(std::string object) {
  object.pop_back();
  return object + fmt::format(",\"sum\":\"crc32c:{:08x}\"}}\n", crc32c(object));
}

void check_round_trip(const std::string& payload) {
  CAPTURE(payload);
  const std::string line = format_envelope(with_payload(payload));
  REQUIRE(check_json(line).has_value());
  const auto parsed = parse_envelope(line);
  REQUIRE(parsed.has_value());
  CHECK(parsed->seal == Seal::good);
  CHECK(parsed->envelope.payload == payload);
  CHECK(parsed->envelope.priority == 0);
  CHECK(format_envelope(parsed->envelope) == line);
}

std::string refusal(const std::string& text) {
  const auto parsed = parse_envelope(text);
  if (parsed) return "(accepted)";
  CHECK(parsed.error().code == core::Errc::corrupt);
  return parsed.error().message;
}

}  // namespace

TEST_CASE("an operation is written as offq-queue(5) shows it") {
  Envelope envelope = with_payload(R"({"any":"JSON, byte for byte as it came in"})");
  envelope.request = Request{.method = "POST",
                             .url = "https://api.example.com/v1/runs",
                             .headers = {{"Content-Type", "application/json"}}};

  const std::string line = format_envelope(envelope);

  const std::string before_sum =
      R"({"v":1,"id":"01K9ZZZZZZZZZZZZZZZZZZZZZZ","type":"api_call",)"
      R"("created_at":"2026-11-21T02:25:00.123456Z","priority":0,)"
      R"("request":{"method":"POST","url":"https://api.example.com/v1/runs",)"
      R"("headers":{"Content-Type":"application/json"}},)"
      R"("payload":{"any":"JSON, byte for byte as it came in"})";
  CHECK(line == fmt::format("{},\"sum\":\"crc32c:{:08x}\"}}\n", before_sum, crc32c(before_sum)));
}

TEST_CASE("every member comes back as it was written, in the order of the format") {
  Envelope e = with_payload("[1]");
  e.id = OperationId::parse(k_id + ".17"s);
  e.action = "add";
  e.priority = -9'223'372'036'854'775'807 - 1;
  e.critical = true;
  e.lane = "lane \"1\"\n";
  e.after = {*OperationId::parse(k_other_id), *OperationId::parse(k_other_id + ".3"s)};
  e.after_failure = AfterFailure::wait;
  e.key = "k";
  e.not_before = *core::parse_time("2027-01-01T00:00:00Z");
  e.expires_at = *core::parse_time("2027-01-02T00:00:00Z");
  e.max_attempts = 7;
  e.boot = BootStamp{.boot_id = "b-1", .at = core::Duration{123456789}};
  e.request = Request{.method = "PUT", .url = "/x", .headers = {{"A", "1"}, {"B", "2"}}};
  e.if_match = "\"etag\"";
  e.base = "{\"b\": 1.0}";
  e.on_conflict = "merge";
  e.expect = "{\"status\": 200}";
  e.capture = "{\"name\":\"/id\"}";
  e.meta = "{}";
  e.unknown = {{"future", "[1, 2]"}, {"zz \"q\"", "null"}};

  const std::string line = format_envelope(e);
  const auto parsed = parse_envelope(line);

  CHECK(line.find(
            R"("type":"api_call","action":"add","created_at":"2026-11-21T02:25:00.123456Z",)"
            R"("priority":-9223372036854775808,"critical":true,"lane":"lane \"1\"\n",)"
            R"("after":["01K9ZZZZZZZZZZZZZZZZZZZZZY","01K9ZZZZZZZZZZZZZZZZZZZZZY.3"],)"
            R"("after_failure":"wait","key":"k","not_before":"2027-01-01T00:00:00.000000Z",)"
            R"("expires_at":"2027-01-02T00:00:00.000000Z","max_attempts":7,)"
            R"("boot":{"id":"b-1","us":123456789},)"
            R"("request":{"method":"PUT","url":"/x","headers":{"A":"1","B":"2"}},"payload":[1],)"
            R"("if_match":"\"etag\"","base":{"b": 1.0},"on_conflict":"merge",)"
            R"("expect":{"status": 200},"capture":{"name":"/id"},"meta":{},)"
            R"("future":[1, 2],"zz \"q\"":null,"sum":")") != std::string::npos);
  REQUIRE(parsed.has_value());
  CHECK(parsed->envelope.id == e.id);
  CHECK(parsed->envelope.lane == e.lane);
  CHECK(parsed->envelope.after == e.after);
  CHECK(parsed->envelope.boot->at == e.boot->at);
  CHECK(parsed->envelope.unknown == e.unknown);
  CHECK(format_envelope(parsed->envelope) == line);
}

TEST_CASE("a blob is referred to by its digest") {
  Envelope e = minimal();
  e.blob =
      BlobRef{.sha256 = k_sha, .size = 5'000'000'000, .media_type = "text/csv", .name = "ä.csv"};

  const std::string line = format_envelope(e);
  const auto parsed = parse_envelope(line);

  REQUIRE(parsed.has_value());
  CHECK(parsed->envelope.blob->sha256 == k_sha);
  CHECK(parsed->envelope.blob->size == 5'000'000'000);
  CHECK(parsed->envelope.blob->media_type == "text/csv");
  CHECK(parsed->envelope.blob->name == "ä.csv");
  CHECK_FALSE(parsed->envelope.payload.has_value());
}

TEST_CASE("a payload travels byte for byte") {
  for (const auto& payload : {"{}"s,
                              "[]"s,
                              "null"s,
                              "true"s,
                              "false"s,
                              "0"s,
                              "-0"s,
                              "\"\""s,
                              "[[]]"s,
                              "{\"\":{}}"s,
                              "123456789012345678901234567890"s,
                              "1e400"s,
                              "1.10"s,
                              "1E+05"s,
                              "-0.000"s,
                              R"("\u0000\u0041\ud83d\ude00\/")"s,
                              "\"ä€😀\U0010FFFF\u2028\x7f\""s,
                              R"({"z":1,"a":2,"z":3})"s,
                              R"({ "spaced" : [ 1 ,	2 ] , "x":{ } })"s,
                              R"({"sum":"crc32c:00000000"})"s,
                              R"([{"a":1,"sum":"crc32c:00000000"}])"s,
                              R"(",\"sum\":\"crc32c:00000000\"}")"s,
                              R"("}]{[,:\\\"")"s,
                              R"([1,"a",{"b":[true,null,[],{}]},1.5e-3])"s,
                              "{\"a\":\r 1}"s}) {
    check_round_trip(payload);
  }
}

TEST_CASE("newlines between the tokens of a payload become spaces") {
  const std::string line = format_envelope(with_payload("{\n  \"a\": \"x\\n\"\n}"));
  CHECK(line.find('\n') == line.size() - 1);
  CHECK(parse_envelope(line)->envelope.payload == "{   \"a\": \"x\\n\" }");
}

TEST_CASE("payloads of every shape and size travel byte for byte") {
  std::mt19937 random(20261121);  // NOLINT(bugprone-random-generator-seed): repeatable
  const std::string pieces[] = {"null", "-1.50e+10", "\"a\\\"b\"",           "\"\U0001F600\"",
                                "[ ]",  "{ }",       "18446744073709551616", "\"\\\\\"",
                                "true"};
  for (int round = 0; round < 500; ++round) {
    std::string value = pieces[random() % std::size(pieces)];
    for (auto depth = random() % 12; depth > 0; --depth) {
      const std::string blank(random() % 3, ' ');
      const std::string& sibling = pieces[random() % std::size(pieces)];
      value = random() % 2 == 0 ? "[" + blank + sibling + "," + value + blank + "]"
                                : "{\"k\":" + blank + value + blank + ",\"l\":" + sibling + "}";
    }
    check_round_trip(value);
  }
  for (std::size_t size = 0; size < 300; ++size)
    check_round_trip('"' + std::string(size, 'x') + '"');
}

TEST_CASE("a deep payload is carried without recursion") {
  constexpr std::size_t k_depth = 100'000;
  check_round_trip(std::string(k_depth, '[') + std::string(k_depth, ']'));
}

TEST_CASE("headers are an object, or pairs where a name repeats") {
  Envelope e = minimal();
  e.request.emplace().headers = {{"Accept", "a"}, {"X", "1"}, {"accept", "b"}};
  const std::string line = format_envelope(e);
  CHECK(line.find(R"("headers":[["Accept","a"],["X","1"],["accept","b"]])") != std::string::npos);
  CHECK(parse_envelope(line)->envelope.request->headers == e.request->headers);

  const auto both = parse_envelope(R"({"type":"t","request":{"headers":{"A":"1","a":"2"}}})");
  REQUIRE(both.has_value());
  CHECK(both->envelope.request->headers == std::vector<Header>{{"A", "1"}, {"a", "2"}});
  CHECK(parse_envelope(R"({"type":"t","request":{"headers":[]}})").has_value());
}

TEST_CASE("a file that a person wrote needs neither id nor seal nor one line") {
  const auto parsed =
      parse_envelope("{\n  \"type\": \"notify\",\n  \"payload\": {\n    \"a\": 1\n  }\n}\n");
  REQUIRE(parsed.has_value());
  CHECK(parsed->seal == Seal::absent);
  CHECK_FALSE(parsed->envelope.id.has_value());
  CHECK_FALSE(parsed->envelope.created_at.has_value());
  CHECK(parsed->envelope.payload == "{\n    \"a\": 1\n  }");
}

TEST_CASE("any single change of a sealed line is noticed") {
  const std::string line = format_envelope(with_payload(R"({"amount":100})"));
  REQUIRE(is_sealed(line));
  for (std::size_t i = 0; i + 1 < line.size(); ++i) {
    for (const char bit : {'\x01', '\x20', '\x40'}) {
      std::string damaged = line;
      damaged[i] = static_cast<char>(damaged[i] ^ bit);
      CAPTURE(damaged);
      CHECK_FALSE(is_sealed(damaged));
      CHECK_FALSE(parse_envelope(damaged).has_value());
    }
  }
}

TEST_CASE("no beginning of a sealed line passes for the whole") {
  const std::string line = format_envelope(with_payload(R"({"a":{"b":[{}]}})"));
  for (std::size_t length = 0; length + 2 <= line.size(); ++length) {
    CAPTURE(length);
    CHECK_FALSE(is_sealed(line.substr(0, length)));
    CHECK_FALSE(parse_envelope(line.substr(0, length)).has_value());
  }
  CHECK(is_sealed(line.substr(0, line.size() - 1)));
}

TEST_CASE("a seal anywhere but at the end does not hold") {
  CHECK(refusal(R"({"type":"t","sum":"crc32c:00000000"})") ==
        "sum: does not hold: the bytes were changed");
  CHECK(refusal(R"({"sum":"crc32c:00000000","type":"t"})") ==
        "sum: does not hold: the file was changed; remove the member after an edit");
  CHECK(refusal(R"({"type":"t","key":"crc32c:00000000"})") == "(accepted)");
  CHECK(refusal("{\"type\":\"t\", \"sum\": 5}").starts_with("sum: does not hold"));
}

TEST_CASE("a wrong value of a member is refused by name") {
  const std::pair<std::string, std::string> rows[] = {
      {R"("v":2)", "v: written by a newer offkit: format 2, this one reads up to 1"},
      {R"("v":0)", "v: no such format: 0"},
      {R"("v":"1")", "v: not a whole number of 64 bits"},
      {R"("id":"x")", "id: not an operation id: 'x'"},
      {R"("id":"../../etc/passwd")", "id: not an operation id: '../../etc/passwd'"},
      {R"("id":5)", "id: not a string"},
      {R"("action":null)", "action: not a string"},
      {R"("created_at":"yesterday")",
       "created_at: not a time: 'yesterday': write it as 2026-11-21T02:25:00Z"},
      {R"("priority":1.5)", "priority: not a whole number of 64 bits"},
      {R"("priority":"1")", "priority: not a whole number of 64 bits"},
      {R"("priority":9223372036854775808)", "priority: not a whole number of 64 bits"},
      {R"("critical":1)", "critical: not true or false"},
      {R"("lane":[])", "lane: not a string"},
      {R"("after":"x")", "after: not an array of ids"},
      {R"("after":["x"])", "after: not an operation id: 'x'"},
      {R"("after_failure":"go")", "after_failure: not fail or wait"},
      {R"("max_attempts":0)", "max_attempts: must be 1 or more"},
      {R"("max_attempts":-1)", "max_attempts: out of range"},
      {R"("max_attempts":99999999999)", "max_attempts: out of range"},
      {R"("boot":{"x":1})", "boot: x: unknown member 'x'"},
      {R"("request":[])", "request: not an object"},
      {R"("request":{"method":"GE T"})", "request: method: not an HTTP method: 'GE T'"},
      {R"("request":{"url":5})", "request: url: not a string"},
      {R"("request":{"header":{}})", "request: header: unknown member 'header'"},
      {R"("request":{"headers":{"A":1}})", "request: headers: A: not a string"},
      {R"("request":{"headers":{"A":"1","A":"2"}})", "request: headers: A: given twice"},
      {R"("request":{"headers":[["A"]]})", "request: headers: not a [name, value] pair"},
      {R"("request":{"headers":{"A b":"1"}})", "request: not a header name: 'A b'"},
      {R"("request":{"headers":{"A":"1\r\nB: 2"}})",
       "request: header A: control character in the value"},
      {R"("payload":1,"blob":{"sha256":")" + std::string(k_sha) + R"(","size":1})",
       "payload and blob: only one is allowed"},
      {R"("blob":{"sha256":"../x","size":1})",
       "blob: sha256: not 64 lower-case hexadecimal digits"},
      {R"("blob":{"sha256":")" + std::string(k_sha) + R"(","size":-1})",
       "blob: size: not a positive whole number of 64 bits"},
      {R"("blob":{"sha256":")" + std::string(k_sha) + R"(","size":1,"name":"../x"})",
       "blob: name: not a file's own name: '../x'"},
      {R"("expect":[])", "expect: not an object"},
      {R"("capture":"x")", "capture: not an object"},
      {R"("meta":null)", "meta: not an object"},
      {R"("lane":"a","lane":"b")", "lane: given twice"},
      {R"("future":1,"future":1)", "future: given twice"},
      {R"("la\u006ee":"a","lane":"b")", "lane: given twice"},
  };
  for (const auto& [members, message] : rows) {
    CAPTURE(members);
    CHECK(refusal("{\"type\":\"t\"," + members + "}") == message);
    CHECK(refusal(seal("{\"type\":\"t\"," + members + "}")) == message);
  }
}

TEST_CASE("a text that is no operation is refused") {
  const std::pair<std::string, std::string> rows[] = {
      {"", "not JSON: line 1, column 1: no JSON value: the text is empty"},
      {"{}", "it has neither type nor request"},
      {"[]", "not a JSON object"},
      {"5", "not a JSON object"},
      {"{\"type\":\"t\"} x", "not JSON: line 1, column 14: invalid literal, expected end of input"},
      {"{\"type\":\"T\"}", "type: only a-z, 0-9, _, . and - are allowed: 'T'"},
      {"{\"type\":\"\"}", "type: empty"},
      {"{\"type\":\"t\",\"payload\":[1,}}",
       "not JSON: line 1, column 26: unexpected '}', expected a value"},
      {"{\"type\":\"\xff\"}", "not JSON: line 1, column 10: ill-formed UTF-8 byte"},
      {"{\"type\":\"t\"}\0"s, "not JSON: line 1, column 13: NUL byte"},
  };
  for (const auto& [text, message] : rows) {
    CAPTURE(text);
    CHECK(refusal(text) == message);
  }
}

TEST_CASE("types, methods and headers from outside follow their rules") {
  for (const auto* good : {"api_call", "a", "0", "x.y-z_1"}) {
    CHECK(check_type(good).has_value());
  }
  const std::string long_type(65, 'a');
  for (const auto* bad : {"", "A", "a b", "a/b", "ä", "a\n", long_type.c_str()}) {
    CAPTURE(bad);
    CHECK(check_type(bad).error().code == core::Errc::usage);
  }
  for (const auto* good : {"GET", "patch", "M-SEARCH"}) {
    CHECK(check_method(good).has_value());
  }
  const std::string long_method(33, 'A');
  for (const auto* bad : {"", "GE T", "GET\r\n", "G(", long_method.c_str()}) {
    CHECK(check_method(bad).error().code == core::Errc::usage);
  }
  for (const auto& good : {Header{"X-A", ""}, Header{"a", "ä\tb"}, Header{"Host", "x:1"}}) {
    CHECK(check_header(good).has_value());
  }
  for (const auto& bad : {Header{"", "x"}, Header{"a:", "x"}, Header{"a", "x\r\ny"},
                          Header{"a", "\0"s}, Header{"a", "\x7f"}, Header{"a", "\xff"}}) {
    CHECK(check_header(bad).error().code == core::Errc::usage);
  }
}

TEST_CASE("a credential in a header is not shown in a message") {
  const auto refused = check_header({"Authorization", "Bearer secret\n"});
  CHECK(refused.error().message.find("secret") == std::string::npos);
}
