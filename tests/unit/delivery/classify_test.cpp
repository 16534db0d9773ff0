// SPDX-License-Identifier: MIT
#include "libcore/delivery/classify.hpp"

#include <string>
#include <vector>

#include <doctest/doctest.h>

using namespace std::chrono_literals;
using core::Time;
using core::delivery::Circumstances;
using core::delivery::Class;
using core::delivery::classify;
using core::delivery::Credential;
using core::delivery::Expect;
using core::delivery::next_hop;
using core::delivery::parse_retry_after;
using core::delivery::Verdict;
using core::net::HttpError;
using core::net::HttpExchange;
using core::net::HttpFailure;
using core::net::HttpRequest;
using core::net::HttpResponse;

namespace {

// 2026-11-21T00:00:00Z, a Saturday
const Time k_now{std::chrono::sys_days{std::chrono::year{2026} / 11 / 21}};

HttpExchange answered(int status, std::vector<core::net::HeaderField> headers = {}) {
  HttpExchange exchange;
  exchange.result =
      HttpResponse{.status = status, .headers = std::move(headers), .body = "", .truncated = false};
  return exchange;
}

Verdict judge(const HttpExchange& exchange, const std::string& expect = "{}",
              Credential credential = Credential::of_operation) {
  return classify(exchange, *core::delivery::parse_expect(expect),
                  {.credential = credential, .now = k_now});
}

HttpRequest posted(const std::string& url) {
  HttpRequest request;
  request.tag = 9;
  request.method = "POST";
  request.url = url;
  request.headers = {{"Content-Type", "application/json"}, {"X-A", "b"}};
  request.body = std::string("{}");
  return request;
}

HttpResponse redirect(int status, const std::string& location) {
  return {.status = status, .headers = {{"location", location}}, .body = "", .truncated = false};
}

struct FailureRow {
  HttpFailure failure;
  Class kind;
};

struct StatusRow {
  int status;
  Class kind;
};

struct RetryRow {
  std::string text;
  std::optional<Time> at;
};

}  // namespace

TEST_CASE("every way to fail has its class") {
  for (const auto& row : std::vector<FailureRow>{{HttpFailure::resolve, Class::offline},
                                                 {HttpFailure::connect, Class::offline},
                                                 {HttpFailure::tls, Class::offline},
                                                 {HttpFailure::certificate, Class::suspect},
                                                 {HttpFailure::timeout, Class::temporary},
                                                 {HttpFailure::lost, Class::temporary},
                                                 {HttpFailure::protocol, Class::temporary},
                                                 {HttpFailure::refused, Class::rejected}}) {
    HttpExchange exchange;
    exchange.result = HttpError{.failure = row.failure, .message = "the reason"};
    const auto verdict = judge(exchange);
    CHECK(core::name_of(verdict.kind) == core::name_of(row.kind));
    CHECK(verdict.message == "the reason");
  }
}

TEST_CASE("every status has its class") {
  for (const auto& row : std::vector<StatusRow>{
           {0, Class::temporary},   {103, Class::temporary}, {200, Class::delivered},
           {201, Class::delivered}, {204, Class::delivered}, {299, Class::delivered},
           {300, Class::suspect},   {302, Class::suspect},   {304, Class::suspect},
           {400, Class::rejected},  {401, Class::rejected},  {403, Class::rejected},
           {404, Class::rejected},  {407, Class::suspect},   {408, Class::temporary},
           {409, Class::conflict},  {410, Class::rejected},  {412, Class::conflict},
           {413, Class::rejected},  {422, Class::rejected},  {425, Class::temporary},
           {429, Class::throttled}, {500, Class::temporary}, {501, Class::temporary},
           {502, Class::temporary}, {503, Class::temporary}, {504, Class::temporary},
           {505, Class::temporary}, {511, Class::suspect},   {599, Class::temporary},
           {999, Class::temporary}}) {
    CAPTURE(row.status);
    const auto verdict = judge(answered(row.status));
    CHECK(core::name_of(verdict.kind) == core::name_of(row.kind));
    CHECK(verdict.message == "HTTP " + std::to_string(row.status));
    CHECK_FALSE(verdict.retry_at.has_value());
  }
}

TEST_CASE("a 401 is ours to mend only where the credential was bound late") {
  CHECK(judge(answered(401), "{}", Credential::late_bound).kind == Class::auth);
  CHECK(judge(answered(403), "{}", Credential::late_bound).kind == Class::rejected);
}

TEST_CASE("a server that names a time is left alone until then") {
  for (const int status : {429, 503}) {
    const auto verdict = judge(answered(status, {{"Retry-After", "120"}}));
    CHECK(verdict.kind == Class::throttled);
    CHECK(verdict.retry_at == k_now + 120s);
  }
  CHECK(judge(answered(503, {{"Retry-After", "soon"}})).kind == Class::temporary);
  CHECK(judge(answered(429, {{"Retry-After", "soon"}})).kind == Class::throttled);
  CHECK_FALSE(judge(answered(429, {{"Retry-After", "soon"}})).retry_at.has_value());
  CHECK_FALSE(judge(answered(500, {{"Retry-After", "9"}})).retry_at.has_value());
}

TEST_CASE("a 2xx that is not what was expected is suspect, and says why") {
  const auto verdict =
      judge(answered(200, {{"Content-Type", "text/html"}}), R"({"json":{"/ok":true}})");
  CHECK(verdict.kind == Class::suspect);
  CHECK(verdict.message == "expect: answer is not JSON: text/html");
  CHECK(judge(answered(202), R"({"status":200})").kind == Class::suspect);
}

TEST_CASE("a status that was asked for is a delivery") {
  CHECK(judge(answered(404), R"({"status":"2xx,404"})").kind == Class::delivered);
  CHECK(judge(answered(409), R"({"status":[201,409]})").kind == Class::delivered);
  CHECK(judge(answered(404), R"({"status":404,"header":{"X-Gone":"1"}})").kind == Class::rejected);
  CHECK(judge(answered(404), R"({"header":{"X-Gone":"1"}})").kind == Class::rejected);
}

TEST_CASE("Retry-After is seconds or a date, and never far away") {
  for (const auto& row : std::vector<RetryRow>{
           {"0", k_now},
           {"120", k_now + 120s},
           {" 5 ", k_now + 5s},
           {"604800", k_now + 168h},
           {"604801", k_now + 168h},
           {"99999999999999999999999999", k_now + 168h},
           {"Sat, 21 Nov 2026 00:01:30 GMT", k_now + 90s},
           {"Sun, 22 Nov 2026 00:00:00 GMT", k_now + 24h},
           {"Sun, 06 Nov 1994 08:49:37 GMT", k_now},
           {"Fri, 31 Dec 9999 23:59:59 GMT", k_now + 168h},
           {"", std::nullopt},
           {"-5", std::nullopt},
           {"+5", std::nullopt},
           {"1.5", std::nullopt},
           {"5s", std::nullopt},
           {"soon", std::nullopt},
           {"Sun, 31 Feb 2027 00:00:00 GMT", std::nullopt},
           {"Sun, 22 Nov 2026 24:00:00 GMT", std::nullopt},
           {"Sun, 22 Nov 2026 00:60:00 GMT", std::nullopt},
           {"Sun, 22 Foo 2026 00:00:00 GMT", std::nullopt},
           {"Sun, 00 Nov 2026 00:00:00 GMT", std::nullopt},
           {"Sun, 22 Nov 2026 00:00:00 UTC", std::nullopt},
           {"Sun, 22 Nov 2026 00:00:00", std::nullopt},
           {"Sunday, 06-Nov-94 08:49:37 GMT", std::nullopt},
           {"2026-11-22T00:00:00Z", std::nullopt},
       }) {
    CAPTURE(row.text);
    CHECK(parse_retry_after(row.text, k_now) == row.at);
  }
}

TEST_CASE("a redirect within the origin repeats the request") {
  for (const int status : {301, 302, 307, 308}) {
    CAPTURE(status);
    const auto hop = next_hop(posted("http://a:80/x/y"), redirect(status, "../z?q"), 0);
    const auto* request = std::get_if<HttpRequest>(&hop);
    REQUIRE(request != nullptr);
    CHECK(request->url == "http://a/z?q");
    CHECK(request->method == "POST");
    CHECK(request->tag == 9);
    CHECK(std::get<std::string>(request->body) == "{}");
    CHECK(request->headers.size() == 2);
  }
  CHECK(std::holds_alternative<HttpRequest>(
      next_hop(posted("https://a/x"), redirect(308, "https://A:443/y"), 4)));
}

TEST_CASE("see other is fetched without a body") {
  const auto hop = next_hop(posted("http://a/x"), redirect(303, "/y"), 0);
  const auto* request = std::get_if<HttpRequest>(&hop);
  REQUIRE(request != nullptr);
  CHECK(request->method == "GET");
  CHECK(std::holds_alternative<std::monostate>(request->body));
  CHECK(request->headers == std::vector<core::net::HeaderField>{{"X-A", "b"}});
}

TEST_CASE("a redirect that leads away, in circles or nowhere is suspect") {
  for (const auto* location :
       {"http://b/x", "https://a/x", "http://a:81/x", "//b/x", "ftp://a/x", "http://u:p@a/", "",
        "http://", "/x\r\nY: z", "http://a.evil/x", "javascript:1"}) {
    CAPTURE(location);
    const auto hop = next_hop(posted("http://a/x"), redirect(302, location), 0);
    const auto* verdict = std::get_if<Verdict>(&hop);
    REQUIRE(verdict != nullptr);
    CHECK(verdict->kind == Class::suspect);
    CHECK_FALSE(verdict->message.empty());
  }
  const auto circle = next_hop(posted("http://a/x"), redirect(302, "/x"), 5);
  CHECK(std::get<Verdict>(circle).message == "more than 5 redirects");
  const auto nowhere =
      next_hop(posted("http://a/x"), {.status = 302, .headers = {}, .body = ""}, 0);
  CHECK(std::get<Verdict>(nowhere).message == "HTTP 302 without Location");
  const auto away = next_hop(posted("http://a/x"), redirect(302, "http://portal.example/login"), 0);
  CHECK(std::get<Verdict>(away).message == "redirect to http://portal.example:80, not followed");
}

TEST_CASE("only the five redirects that carry on are redirects") {
  for (int status = 200; status < 600; ++status) {
    const bool carries_on =
        status == 301 || status == 302 || status == 303 || status == 307 || status == 308;
    CHECK(core::delivery::is_redirect(redirect(status, "/")) == carries_on);
  }
}
