// SPDX-License-Identifier: MIT
// What holds for every HttpClient, on the real one against a server and on the fake.

#include <algorithm>
#include <functional>
#include <memory>
#include <set>
#include <string>

#include <doctest/doctest.h>

#include "libcore/net/curl_http.hpp"
#include "tests/fakes/fake_http.hpp"
#include "tests/fakes/loopback_server.hpp"

using namespace std::chrono_literals;
using core::Errc;
using core::net::CurlHttp;
using core::net::HttpClient;
using core::net::HttpExchange;
using core::net::HttpRequest;
using core::net::HttpResponse;

namespace {

// A client, and where it answers 201 "hello, queue" with "X-Greeting: hi".
struct Subject {
  std::unique_ptr<fakes::LoopbackServer> server;
  std::unique_ptr<HttpClient> client;
  std::string url;
};

Subject real_subject() {
  Subject subject;
  subject.server = std::make_unique<fakes::LoopbackServer>(fakes::answering(
      "HTTP/1.1 201 Created\r\nX-Greeting: hi\r\nContent-Length: 12\r\n\r\nhello, queue"));
  subject.client = *CurlHttp::create();
  subject.url = subject.server->url("/runs");
  return subject;
}

Subject fake_subject() {
  Subject subject;
  subject.client = std::make_unique<fakes::FakeHttp>([](const HttpRequest&) {
    return fakes::answer(201, "hello, queue", {{"X-Greeting", "hi"}});
  });
  subject.url = "http://example.test/runs";
  return subject;
}

// Runs `check` on a fresh client of each kind.
void on_both(const std::function<void(HttpClient&, const std::string& url)>& check) {
  for (auto* make : {real_subject, fake_subject}) {
    const auto subject = make();
    CAPTURE(subject.url);
    check(*subject.client, subject.url);
  }
}

std::vector<HttpExchange> wait_all(HttpClient& client) {
  std::vector<HttpExchange> all;
  while (client.in_flight() > 0) {
    auto done = client.wait(10s);
    REQUIRE(done.has_value());
    for (auto& exchange : *done)
      all.push_back(std::move(exchange));
  }
  return all;
}

HttpRequest request_for(const std::string& url, std::uint64_t tag = 1) {
  HttpRequest request;
  request.tag = tag;
  request.method = "POST";
  request.url = url;
  request.body = std::string("{}");
  return request;
}

}  // namespace

TEST_CASE("a client answers with status, headers and body, under the caller's tag") {
  on_both([](HttpClient& client, const std::string& url) {
    REQUIRE(client.start(request_for(url, 42)).has_value());
    CHECK(client.in_flight() == 1);

    const auto done = wait_all(client);

    REQUIRE(done.size() == 1);
    CHECK(done[0].tag == 42);
    CHECK(done[0].bytes_out > 0);
    CHECK(done[0].bytes_in >= 12);
    const auto* response = std::get_if<HttpResponse>(&done[0].result);
    REQUIRE(response != nullptr);
    CHECK(response->status == 201);
    CHECK(response->body == "hello, queue");
    CHECK_FALSE(response->truncated);
    CHECK(std::ranges::count(response->headers, core::net::HeaderField{"X-Greeting", "hi"}) == 1);
  });
}

TEST_CASE("every request that was started has exactly one exchange") {
  on_both([](HttpClient& client, const std::string& url) {
    for (std::uint64_t tag = 1; tag <= 100; ++tag)
      REQUIRE(client.start(request_for(url, tag)).has_value());
    CHECK(client.in_flight() == 100);

    std::set<std::uint64_t> tags;
    for (const auto& exchange : wait_all(client))
      CHECK(tags.insert(exchange.tag).second);

    CHECK(tags.size() == 100);
  });
}

TEST_CASE("a body beyond the limit is cut and says so") {
  on_both([](HttpClient& client, const std::string& url) {
    for (const std::uint64_t limit : {0, 1, 5, 11, 12}) {
      CAPTURE(limit);
      auto request = request_for(url);
      request.response_limit = {limit};
      REQUIRE(client.start(request).has_value());

      const auto done = wait_all(client);

      REQUIRE(done.size() == 1);
      const auto* response = std::get_if<HttpResponse>(&done[0].result);
      REQUIRE(response != nullptr);
      CHECK(response->status == 201);
      CHECK(response->body == std::string("hello, queue").substr(0, limit));
      CHECK(response->truncated == (limit < 12));
    }
  });
}

TEST_CASE("abandoned requests have no exchange, and the client goes on") {
  on_both([](HttpClient& client, const std::string& url) {
    REQUIRE(client.start(request_for(url, 1)).has_value());
    client.abandon();
    CHECK(client.in_flight() == 0);

    REQUIRE(client.start(request_for(url, 2)).has_value());
    const auto done = wait_all(client);

    REQUIRE(done.size() == 1);
    CHECK(done[0].tag == 2);
  });
}

TEST_CASE("waiting for nothing returns nothing, at once") {
  on_both([](HttpClient& client, const std::string&) {
    const auto done = client.wait(1h);
    REQUIRE(done.has_value());
    CHECK(done->empty());
  });
}

TEST_CASE("requests that could not be sent as meant are refused before anything is sent") {
  using namespace std::string_literals;
  on_both([](HttpClient& client, const std::string& url) {
    const std::vector<std::function<void(HttpRequest&)>> spoilers{
        [](HttpRequest& r) { r.url = "ftp://example.test/"; },
        [](HttpRequest& r) { r.url = "http://u:p@example.test/"; },
        [](HttpRequest& r) { r.url = "http://example.test/\r\nX: y"; },
        [](HttpRequest& r) { r.url.clear(); },
        [](HttpRequest& r) { r.method.clear(); },
        [](HttpRequest& r) { r.method = "GET /x HTTP/1.1\r\nX:"; },
        [](HttpRequest& r) { r.method = "CONNECT"; },
        [](HttpRequest& r) { r.method = "HEAD"; },
        [](HttpRequest& r) { r.headers = {{"A", "x\r\nB: y"}}; },
        [](HttpRequest& r) { r.headers = {{"A", "x\ny"}}; },
        [](HttpRequest& r) { r.headers = {{"A", "x\0y"s}}; },
        [](HttpRequest& r) { r.headers = {{"", "x"}}; },
        [](HttpRequest& r) { r.headers = {{"A: b\r\nC", "x"}}; },
        [](HttpRequest& r) { r.headers = {{"A B", "x"}}; },
    };
    for (const auto& spoil : spoilers) {
      auto request = request_for(url);
      spoil(request);
      const auto started = client.start(request);
      REQUIRE_FALSE(started.has_value());
      CHECK(started.error().code == Errc::usage);
      CHECK(client.in_flight() == 0);
    }
  });
}
