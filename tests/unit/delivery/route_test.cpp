// SPDX-License-Identifier: MIT
#include "libcore/delivery/route.hpp"

#include <algorithm>

#include <doctest/doctest.h>

#include "libcore/base/text.hpp"
#include "tests/fakes/temp_dir.hpp"

using namespace core::delivery;

namespace {

const core::sys::RealFiles k_no_queue = core::sys::RealFiles::at("/").value();

const core::OperationId k_id = core::OperationId::parse("01KAJ6Q0000000000000000000").value();

core::config::Config config() {
  core::config::Config config;
  auto& api = config.endpoints["api"];
  api.url = "https://api.example.com/v1/";
  api.headers = {{"Authorization", "Bearer ${env:TOKEN}"}, {"X-Team", "blue"}};
  api.concurrency = 3;
  auto& skill = config.types["skill"];
  skill.endpoint = "api";
  skill.path = "/skills/{{payload.id}}";
  skill.methods = {{"add", "POST"}, {"update", "PUT"}, {"delete", "DELETE"}};
  config.types["lost"].endpoint = "nowhere";
  return config;
}

core::codec::Envelope operation(const std::string& type, const std::string& payload) {
  core::codec::Envelope operation;
  operation.id = k_id;
  operation.type = type;
  operation.payload = payload;
  return operation;
}

std::string header(const Route& route, std::string_view name) {
  for (const auto& [key, value] : route.request.headers) {
    if (core::equals_ignoring_case(key, name)) return value;
  }
  return "(none)";
}

}  // namespace

TEST_CASE("a type's route says where its operations go") {
  const auto settings = config();
  auto update = operation("skill", R"({"id":"a b/c","n":1})");
  update.action = "update";
  const auto route = Router(settings, k_no_queue).route(update);

  REQUIRE(route.has_value());
  CHECK(route->request.method == "PUT");
  CHECK(route->request.url == "https://api.example.com/v1/skills/a%20b%2Fc");
  CHECK(route->destination == "https://api.example.com:443");
  CHECK(route->concurrency == 3);
  CHECK(header(*route, "authorization") == "Bearer ${env:TOKEN}");
  CHECK(header(*route, "Idempotency-Key") == k_id.text());
  CHECK(header(*route, "Content-Type") == "application/json");
  CHECK(std::get<std::string>(route->request.body) == R"({"id":"a b/c","n":1})");
}

TEST_CASE("an endpoint's http_version is the request's") {
  using core::net::Http2;
  struct Row {
    const char* version;
    Http2 wanted;
  };
  for (const auto& row :
       {Row{"", Http2::automatic}, Row{"1.1", Http2::never}, Row{"2", Http2::prior_knowledge}}) {
    CAPTURE(row.version);
    auto settings = config();
    settings.endpoints["api"].http_version = row.version;

    const auto route = Router(settings, k_no_queue).route(operation("skill", R"({"id":1})"));

    REQUIRE(route.has_value());
    CHECK(route->request.http2 == row.wanted);
  }
}

TEST_CASE("an operation's own words win over its type's and its endpoint's") {
  const auto settings = config();
  auto own = operation("skill", R"({"id":1})");
  own.request = core::codec::Request{.method = "PATCH",
                                     .url = "/other?x=1",
                                     .headers = {{"x-team", "red"}, {"Idempotency-Key", "mine"}}};
  const auto route = Router(settings, k_no_queue).route(own);

  REQUIRE(route.has_value());
  CHECK(route->request.method == "PATCH");
  CHECK(route->request.url == "https://api.example.com/v1/other?x=1");
  CHECK(header(*route, "X-Team") == "red");
  CHECK(header(*route, "Idempotency-Key") == "mine");
}

TEST_CASE("an endpoint's credentials stay at the endpoint, and so do its types'") {
  auto settings = config();
  settings.types["skill"].headers = {{"X-Key", "${file:/key}"}};
  auto elsewhere = operation("skill", R"({"id":1})");
  elsewhere.request =
      core::codec::Request{.method = "POST", .url = "https://other.example.com/x", .headers = {}};
  const auto route = Router(settings, k_no_queue).route(elsewhere);

  REQUIRE(route.has_value());
  CHECK(header(*route, "Authorization") == "(none)");
  CHECK(header(*route, "X-Key") == "(none)");
  CHECK(route->destination == "https://other.example.com:443");
}

TEST_CASE("a URL inside of a query is not where the operation goes") {
  const auto settings = config();
  auto login = operation("skill", R"({"id":1})");
  login.request = core::codec::Request{
      .method = "POST", .url = "/login?back=https://other.example.com/", .headers = {}};
  const auto route = Router(settings, k_no_queue).route(login);

  REQUIRE(route.has_value());
  CHECK(route->destination == "https://api.example.com:443");
}

TEST_CASE("safe methods carry no idempotency key") {
  const auto settings = config();
  for (const auto* method : {"GET", "HEAD"}) {
    auto get = operation("api_call", "1");
    get.payload.reset();
    get.request =
        core::codec::Request{.method = method, .url = "http://127.0.0.1/x", .headers = {}};
    const auto route = Router(settings, k_no_queue).route(get);
    REQUIRE(route.has_value());
    CHECK(header(*route, "Idempotency-Key") == "(none)");
  }
}

TEST_CASE("what has no route waits for the configuration, what may not be sent is refused") {
  const auto settings = config();
  const Router router(settings, k_no_queue);
  const auto code = [&](const core::codec::Envelope& op) { return router.route(op).error().code; };

  CHECK(code(operation("unknown", "1")) == core::Errc::config);
  CHECK(code(operation("lost", "1")) == core::Errc::config);
  CHECK(code(operation("skill", R"({"no":"id"})")) == core::Errc::usage);
  CHECK(code(operation("skill", R"({"id":{"a":1}})")) == core::Errc::usage);
  // It would aim at all skills.
  for (const auto* payload : {R"({"id":""})", R"({"id":"."})", R"({"id":".."})"})
    CHECK(code(operation("skill", payload)) == core::Errc::usage);
  auto file = operation("api_call", "1");
  file.request = core::codec::Request{.method = "POST", .url = "file:///etc/passwd", .headers = {}};
  CHECK(code(file) == core::Errc::usage);
  file.request->url = "http://127.0.0.1/";
  file.request->headers = {{"X", "a\r\nEvil: 1"}};
  CHECK(code(file) == core::Errc::usage);
}

TEST_CASE("a path may name members of a body that is kept apart") {
  const fakes::TempDir dir;
  auto queue = core::sys::RealFiles::at(dir.path());
  REQUIRE((queue && queue->make_directory("blobs")));
  const std::string name(64, 'b');
  fakes::write_text(dir / ("blobs/" + name), "{\"id\":\n7}\n");
  const auto settings = config();
  auto skill = operation("skill", "");
  skill.payload.reset();
  skill.blob = core::codec::BlobRef{
      .sha256 = name, .size = 10, .media_type = "application/json", .name = {}};
  const auto route = Router(settings, *queue).route(skill);

  REQUIRE(route.has_value());
  CHECK(route->request.url == "https://api.example.com/v1/skills/7");
  skill.blob->sha256 = std::string(64, 'c');
  CHECK_FALSE(Router(settings, *queue).route(skill).has_value());
}

TEST_CASE("a blob is named by its file and brings its media type") {
  const auto settings = config();
  auto upload = operation("api_call", "1");
  upload.payload.reset();
  upload.blob = core::codec::BlobRef{
      .sha256 = std::string(64, 'a'), .size = 7, .media_type = "text/csv", .name = "x.csv"};
  upload.request =
      core::codec::Request{.method = "PUT", .url = "http://127.0.0.1/x", .headers = {}};
  const auto route = Router(settings, k_no_queue).route(upload);

  REQUIRE(route.has_value());
  const auto& file = std::get<core::net::BodyFile>(route->request.body);
  CHECK(file.path == "//blobs/" + std::string(64, 'a'));
  CHECK(file.size == 7);
  CHECK(header(*route, "Content-Type") == "text/csv");
}
