// SPDX-License-Identifier: MIT
#include "tools/offq/draft.hpp"

#include <string>
#include <vector>

#include <doctest/doctest.h>

#include "tests/fakes/fake_context.hpp"
#include "tools/offq/body.hpp"

using core::Errc;
using offq::SubmitOptions;

namespace {

const fakes::StillClock k_clock;  // 2026-11-21T00:00:00Z

core::config::Config routes() {
  core::config::Config config;
  config.endpoints["api"].url = "https://api.example.com/base/";
  for (const char* type : {"metric", "plain", "skill"})
    config.types[type].endpoint = "api";
  config.types["metric"].path = "/m";
  config.types["metric"].method = "PATCH";
  config.types["skill"].methods = {{"add", "POST"}};
  config.types["bare"] = {};
  return config;
}

core::Result<core::codec::Envelope> draft_of(const SubmitOptions& options) {
  return offq::make_draft(options, routes(), k_clock.now());
}

SubmitOptions options_for(std::string url) {
  SubmitOptions options;
  options.url = std::move(url);
  return options;
}

}  // namespace

TEST_CASE("the method is curl's, unless the type's route says one") {
  struct Row {
    std::string type;
    std::string body;  // which option
    std::string method;
  };
  for (const auto& row : std::vector<Row>{{"", "", "GET"},
                                          {"", "data", "POST"},
                                          {"", "json", "POST"},
                                          {"", "binary", "POST"},
                                          {"", "ndjson", "POST"},
                                          {"", "upload", "PUT"},
                                          {"plain", "", ""},
                                          {"plain", "upload", "PUT"},
                                          {"metric", "", ""},
                                          {"metric", "data", ""},
                                          {"skill", "data", ""}}) {
    CAPTURE(row.type);
    CAPTURE(row.body);
    auto options = options_for("https://h/x");
    if (!row.type.empty()) options.type = row.type;
    if (row.body == "data") options.data = "1";
    if (row.body == "json") options.json = "1";
    if (row.body == "binary") options.data_binary = "1";
    if (row.body == "upload") options.upload_file = "file";
    if (row.body == "ndjson") options.ndjson.given = true;
    const auto draft = draft_of(options);
    REQUIRE(draft.has_value());
    REQUIRE(draft->request.has_value());
    CHECK(draft->request->method == row.method);
    options.method = "DELETE";
    CHECK(draft_of(options)->request->method == "DELETE");
  }
}

TEST_CASE("an action that the type has no method for is refused, with a guess") {
  auto options = options_for("/x");
  options.type = "skill";
  CHECK(draft_of(options).has_value());
  options.action = "add";
  CHECK(draft_of(options).has_value());

  options.action = "adds";
  const auto draft = draft_of(options);
  REQUIRE_FALSE(draft.has_value());
  CHECK(draft.error().code == Errc::usage);
  CHECK(draft.error().message ==
        "action 'adds': type 'skill' has no method for it: did you mean 'add'?");

  options.method = "POST";
  CHECK(draft_of(options).has_value());
  options.method.reset();
  options.type = "metric";  // one method for all
  CHECK(draft_of(options).has_value());
}

TEST_CASE("a header is a name and a value, or a name and a semicolon") {
  using core::codec::Header;
  using offq::parse_header;
  CHECK(*parse_header("X-A: 1") == Header{"X-A", "1"});
  CHECK(*parse_header("X-A:1: 2 ") == Header{"X-A", "1: 2"});
  CHECK(*parse_header("X-A;") == Header{"X-A", ""});
  CHECK(*parse_header("Authorization: Bearer ${env:T}") ==
        Header{"Authorization", "Bearer ${env:T}"});
  for (const std::string text : {"", ":", ": x", "X-A", "X-A:", "X-A: ", "X A: 1", "X-A : 1",
                                 "X-A: 1\n", "X: a\r\nY: b", "X: \x01", "X: \xff", ";"}) {
    CAPTURE(text);
    const auto header = parse_header(text);
    REQUIRE_FALSE(header.has_value());
    CHECK(header.error().code == Errc::usage);
  }
  CHECK_FALSE(parse_header(std::string("X: a\0b", 6)).has_value());
}

TEST_CASE("a credential that is refused is not repeated") {
  const auto header = offq::parse_header("Authorization Bearer 0123456789abcdef0123456789abcdef");
  REQUIRE_FALSE(header.has_value());
  CHECK(header.error().message.find("abcdef") == std::string::npos);
}

TEST_CASE("--json adds its headers unless they are given") {
  auto options = options_for("https://h/");
  options.json = "1";
  options.headers = {"content-type: application/ld+json"};
  const auto draft = draft_of(options);
  REQUIRE(draft.has_value());
  CHECK(draft->request->headers ==
        std::vector<core::codec::Header>{{"content-type", "application/ld+json"},
                                         {"Accept", "application/json"}});
}

TEST_CASE("a destination is a URL, or what a route makes of the rest") {
  struct Row {
    std::string type;
    std::string url;
    std::string refusal;  // empty: it is good
    Errc code = Errc::usage;
  };
  for (const auto& row : std::vector<Row>{{"", "https://h/x?{{01K00000000000000000000000.id}}", ""},
                                          {"plain", "", ""},
                                          {"plain", "/x", ""},
                                          {"plain", "x/y?z", ""},
                                          {"plain", "?q", ""},
                                          {"plain", "http://other/", ""},
                                          {"bare", "http://other/", ""},
                                          {"bare", "", "types.bare.endpoint", Errc::config},
                                          {"nowhere", "", "types.nowhere", Errc::config},
                                          {"nowhere", "/x", "http"},
                                          {"plain", "file:///x", "file"},
                                          {"plain", "javascript:x", "http"},
                                          {"plain", "/a b", "blank"},
                                          {"plain", "//user@h/", "user"},
                                          {"", "ftp://h/", "ftp"},
                                          {"", "h/x", "http"}}) {
    CAPTURE(row.type);
    CAPTURE(row.url);
    SubmitOptions options;
    if (!row.type.empty()) options.type = row.type;
    if (!row.url.empty()) options.url = row.url;
    const auto draft = draft_of(options);
    CHECK(draft.has_value() == row.refusal.empty());
    if (draft || row.refusal.empty()) continue;
    CHECK(draft.error().code == row.code);
    CHECK_MESSAGE(draft.error().message.find(row.refusal) != std::string::npos,
                  draft.error().message);
  }
}

TEST_CASE("a route alone needs no request in the file") {
  SubmitOptions options;
  options.type = "metric";
  CHECK_FALSE(draft_of(options)->request.has_value());
}

TEST_CASE("an upload to a folder gets the file's name, as with curl") {
  auto options = options_for("https://h/a/");
  options.upload_file = "dir/ä b.bin";
  CHECK(draft_of(options)->request->url == "https://h/a/%C3%A4%20b.bin");
  options.url = "https://h/a";
  CHECK(draft_of(options)->request->url == "https://h/a");
  options.url = "https://h/?x=/";
  CHECK(draft_of(options)->request->url == "https://h/?x=/");
  options.url = "https://h/a/";
  options.upload_file = "-";
  CHECK(draft_of(options)->request->url == "https://h/a/");
}

TEST_CASE("times are points or spans from now, and must not have passed") {
  auto options = options_for("https://h/");
  options.not_before = "+30m";
  options.expires_at = "2d";
  const auto draft = draft_of(options);
  REQUIRE(draft.has_value());
  CHECK(*draft->not_before == k_clock.now() + std::chrono::minutes{30});
  CHECK(*draft->expires_at == k_clock.now() + std::chrono::days{2});

  options.expires_at = "2026-11-21T00:00:00Z";
  CHECK_FALSE(draft_of(options).has_value());
  options.expires_at = "10m";
  CHECK_FALSE(draft_of(options).has_value());
  options.expires_at = "later";
  CHECK_FALSE(draft_of(options).has_value());
}

TEST_CASE("the ids of --after are whole, in either case of letters") {
  auto options = options_for("https://h/");
  options.after = {"01k00000000000000000000000.3"};
  CHECK(draft_of(options)->after.front().line == 3);
  for (const char* text : {"01K0", "", "01K00000000000000000000000.0", "../x"}) {
    options.after = {text};
    CHECK_FALSE(draft_of(options).has_value());
  }
}

TEST_CASE("bodies are read and checked before anything is written") {
  struct Row {
    std::string data;
    std::string bytes;  // empty: refused
  };
  for (const auto& row : std::vector<Row>{{"{\"a\": 1}", "{\"a\": 1}"},
                                          {" [1,\r\n2]\n", " [1,\r\n2]\n"},
                                          {"-", " \"in\""},
                                          {"@-", " \"in\""},
                                          {"", ""},
                                          {"a=b", ""},
                                          {"{\"a\":\"\n\"}", ""},
                                          {"[1,2,3,4,5,6,7,8,9,0,1,2]", ""}}) {
    CAPTURE(row.data);
    fakes::FakeContext fake({}, " \"in\"\n");
    SubmitOptions options;
    options.data = row.data;
    const auto body = offq::read_body(options, {20}, fake.context);
    CHECK(body.has_value() == !row.bytes.empty());
    if (body) CHECK(body->bytes == row.bytes);
    if (!body) CHECK(body.error().code == Errc::corrupt);
  }
}

TEST_CASE("the media type follows the ending of the name") {
  using offq::media_type_of;
  CHECK(media_type_of("a.json") == "application/json");
  CHECK(media_type_of("A.PNG") == "image/png");
  CHECK(media_type_of("x.tar.gz") == "application/gzip");
  for (const char* name : {"", "json", "a.json.bak", "model.bin"})
    CHECK(media_type_of(name) == "application/octet-stream");
}
