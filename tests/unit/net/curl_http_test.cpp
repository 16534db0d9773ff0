// SPDX-License-Identifier: MIT
#include "libcore/net/curl_http.hpp"

#include <csignal>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <future>
#include <mutex>
#include <string>
#include <utility>
#include <vector>

#include <sys/time.h>
#include <unistd.h>

#include <doctest/doctest.h>
#include <fmt/core.h>

#include "libcore/codec/sha256.hpp"
#include "tests/fakes/loopback_server.hpp"

using namespace std::chrono_literals;
using core::Errc;
using core::net::BodyFile;
using core::net::CurlHttp;
using core::net::HttpError;
using core::net::HttpExchange;
using core::net::HttpFailure;
using core::net::HttpRequest;
using core::net::HttpResponse;
using fakes::Connection;
using fakes::LoopbackServer;
using fakes::ReceivedRequest;

namespace {

constexpr const char* k_ok = "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok";

HttpRequest get(const std::string& url) {
  HttpRequest request;
  request.method = "GET";
  request.url = url;
  return request;
}

HttpExchange run(CurlHttp& client, HttpRequest request) {
  REQUIRE(client.start(std::move(request)).has_value());
  while (true) {
    auto done = client.wait(10s);
    REQUIRE(done.has_value());
    if (!done->empty()) return std::move(done->front());
  }
}

HttpExchange run(HttpRequest request) {
  const auto client = *CurlHttp::create();
  return run(*client, std::move(request));
}

HttpResponse response_of(const HttpExchange& exchange) {
  if (const auto* error = std::get_if<HttpError>(&exchange.result)) INFO(error->message);
  REQUIRE(std::holds_alternative<HttpResponse>(exchange.result));
  return std::get<HttpResponse>(exchange.result);
}

void check_failure(const HttpExchange& exchange, HttpFailure failure, const std::string& message) {
  const auto* error = std::get_if<HttpError>(&exchange.result);
  REQUIRE(error != nullptr);
  CAPTURE(error->message);
  CHECK(error->failure == failure);
  CHECK(error->message.find(message) != std::string::npos);
}

// A server that keeps what it was sent.
class Recorder {
 public:
  Recorder() : server_([this](Connection& connection) { serve(connection); }) {}
  [[nodiscard]] const LoopbackServer& server() const { return server_; }
  [[nodiscard]] ReceivedRequest last() {
    const std::lock_guard lock(mutex_);
    return last_;
  }

 private:
  void serve(Connection& connection) {
    while (auto request = connection.read_request()) {
      {
        const std::lock_guard lock(mutex_);
        last_ = *request;
      }
      const bool head = request->head.starts_with("HEAD");
      if (!connection.write(head ? "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n" : k_ok)) return;
    }
  }

  std::mutex mutex_;
  ReceivedRequest last_;
  LoopbackServer server_;
};

struct TemporaryDirectory {
  TemporaryDirectory() {
    std::string pattern = (std::filesystem::temp_directory_path() / "curl_http.XXXXXX").string();
    REQUIRE(mkdtemp(pattern.data()) != nullptr);
    path = pattern;
  }
  TemporaryDirectory(const TemporaryDirectory&) = delete;
  TemporaryDirectory& operator=(const TemporaryDirectory&) = delete;
  ~TemporaryDirectory() { std::filesystem::remove_all(path); }
  std::filesystem::path path;
};

std::string file_of(const TemporaryDirectory& directory, const std::string& bytes) {
  const auto path = directory.path / "body";
  std::ofstream(path, std::ios::binary) << bytes;
  return path.string();
}

}  // namespace

// --- what goes out ---

TEST_CASE("only the headers that were given are sent, and what HTTP needs") {
  Recorder recorder;
  auto request = get(recorder.server().url("/x?y#z"));
  request.method = "POST";
  request.headers = {{"X-One", "1"}, {"X-Empty", ""}, {"X-Blank", "  "}, {"Content-Length", "99"}};
  request.body = std::string("{\"a\":1}");
  response_of(run(request));

  const auto sent = recorder.last();

  CAPTURE(sent.head);
  CHECK(sent.head.starts_with("POST /x?y HTTP/1.1\r\n"));
  CHECK(sent.has_line("X-One: 1"));
  CHECK(sent.has_line("X-Empty:"));
  CHECK(sent.has_line("X-Blank:"));
  CHECK(sent.has_line("Content-Length: 7"));
  CHECK_FALSE(sent.has_line("Content-Length: 99"));
  CHECK(sent.head.find("User-Agent: offkit/") != std::string::npos);
  CHECK(sent.head.find("Content-Type") == std::string::npos);
  CHECK(sent.head.find("Expect") == std::string::npos);
  CHECK(sent.head.find("Accept-Encoding") == std::string::npos);
  CHECK(sent.body == "{\"a\":1}");
}

TEST_CASE("any method goes with and without a body, one after the other on one connection") {
  Recorder recorder;
  const auto client = *CurlHttp::create();
  for (const auto* method :
       {"POST", "GET", "PUT", "HEAD", "DELETE", "PATCH", "OPTIONS", "QUERY", "GET", "HEAD"}) {
    for (const auto* body : {"", "x", "some text"}) {
      CAPTURE(method);
      CAPTURE(body);
      auto request = get(recorder.server().url());
      request.method = method;
      if (*body != '\0') request.body = std::string(body);
      if (request.method == "HEAD" && *body != '\0') continue;

      const auto response = response_of(run(*client, request));

      CHECK(response.body == (request.method == "HEAD" ? "" : "ok"));
      const auto sent = recorder.last();
      CHECK(sent.head.starts_with(fmt::format("{} / HTTP/1.1\r\n", method)));
      CHECK(sent.body == body);
      const std::string_view name(method);
      const bool says_zero = name == "POST" || name == "PUT" || name == "PATCH";
      CHECK(sent.has_line("Content-Length: 0") == (says_zero && *body == '\0'));
    }
  }
  CHECK(recorder.server().connections() == 1);
}

TEST_CASE("a body with NUL bytes arrives byte for byte") {
  Recorder recorder;
  auto request = get(recorder.server().url());
  request.method = "POST";
  request.body = std::string("a\0b\xff\r\n", 6);
  response_of(run(request));
  CHECK(recorder.last().body == std::string("a\0b\xff\r\n", 6));
}

TEST_CASE("a big file is streamed, by any method") {
  Recorder recorder;
  const TemporaryDirectory directory;
  const std::string bytes(9UL * 1000 * 1000, 'q');
  const auto path = file_of(directory, bytes);
  const auto client = *CurlHttp::create();
  for (const auto* method : {"PUT", "POST", "PATCH"}) {
    CAPTURE(method);
    auto request = get(recorder.server().url());
    request.method = method;
    request.body = BodyFile{.path = path, .size = bytes.size()};

    const auto exchange = run(*client, request);

    CHECK(response_of(exchange).status == 200);
    CHECK(exchange.bytes_out > bytes.size());
    CHECK(exchange.bytes_out < bytes.size() + 1000);
    const auto sent = recorder.last();
    CHECK(sent.head.starts_with(fmt::format("{} / HTTP/1.1\r\n", method)));
    CHECK(sent.body_size == bytes.size());
    CHECK(sent.body == bytes.substr(0, sent.body.size()));
  }
}

TEST_CASE("the count of bytes sent holds headers and body once") {
  Recorder recorder;
  auto request = get(recorder.server().url());
  request.method = "POST";
  request.body = std::string(1000, 'x');

  const auto exchange = run(request);

  CHECK(exchange.bytes_out == recorder.last().head.size() + 2 + 1000);
  CHECK(exchange.bytes_in == std::string_view(k_ok).size());
}

TEST_CASE("a body that is not what it was never arrives whole") {
  for (const std::size_t size : {3UL, 300'000UL}) {
    Recorder recorder;
    const TemporaryDirectory directory;
    const std::string bytes(size, 'q');
    auto request = get(recorder.server().url());
    request.method = "PUT";
    core::codec::Sha256 digest;
    digest.update(bytes);
    request.body =
        BodyFile{.path = file_of(directory, bytes), .size = size, .sha256 = digest.hex()};
    CHECK(response_of(run(request)).status == 200);
    CHECK(recorder.last().body_size == size);

    std::get<BodyFile>(request.body).sha256 = std::string(64, '0');
    const auto exchange = run(request);

    REQUIRE(std::holds_alternative<HttpError>(exchange.result));
    CHECK(std::get<HttpError>(exchange.result).failure == HttpFailure::refused);
    CHECK(std::get<HttpError>(exchange.result).message.starts_with("the body is damaged"));
  }
}

TEST_CASE("a body that is damaged while it is uploaded never arrives whole") {
  Recorder recorder;
  const TemporaryDirectory directory;
  const std::string bytes(3'000'000, 'q');
  const auto path = file_of(directory, bytes);
  const auto client = *CurlHttp::create();
  auto request = get(recorder.server().url());
  request.method = "PUT";
  request.headers = {{"Expect", ""}};
  request.body =
      BodyFile{.path = path, .size = bytes.size(), .sha256 = core::codec::sha256_hex(bytes)};
  for (const std::size_t damaged : {0UL, 1'500'000UL, 2'999'999UL}) {
    CAPTURE(damaged);
    REQUIRE(client->start(request).has_value());
    std::fstream(path, std::ios::binary | std::ios::in | std::ios::out)
        .seekp(static_cast<std::streamoff>(damaged))
        .put('x');

    std::vector<HttpExchange> done;
    while (done.empty())
      done = client->wait(10s).value();

    check_failure(done.front(), HttpFailure::refused, "the body is damaged");
    CHECK(recorder.last().head.empty());
    file_of(directory, bytes);
  }
  CHECK(response_of(run(*client, request)).status == 200);
  CHECK(recorder.last().body_size == bytes.size());
}

TEST_CASE("a file that changed size is never sent as if it had not") {
  Recorder recorder;
  const TemporaryDirectory directory;
  const auto path = file_of(directory, std::string(1000, 'q'));
  auto request = get(recorder.server().url());
  request.method = "PUT";

  request.body = BodyFile{.path = path, .size = 400};
  response_of(run(request));
  CHECK(recorder.last().body == std::string(400, 'q'));

  request.body = BodyFile{.path = path, .size = 2000};
  check_failure(run(request), HttpFailure::refused, "not sent");
}

TEST_CASE("a body file that is missing is refused at the start") {
  const auto client = *CurlHttp::create();
  auto request = get("http://127.0.0.1:1/");
  request.method = "PUT";
  request.body = BodyFile{.path = "/nonexistent/body", .size = 1};
  const auto started = client->start(request);
  REQUIRE_FALSE(started.has_value());
  CHECK(started.error().code == Errc::not_found);
  CHECK(client->in_flight() == 0);
}

// --- what comes back ---

TEST_CASE("the final answer counts: not the 1xx before it, nor the trailers after it") {
  const LoopbackServer server(fakes::closing_after(
      "HTTP/1.1 103 Early Hints\r\nLink: </x>\r\n\r\n"
      "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\nX-Folded: a\r\n  b\r\nX-Twice: 1\r\n"
      "X-Twice: 2\r\n\r\n2\r\nhi\r\n0\r\nX-Trailer: t\r\n\r\n"));

  const auto response = response_of(run(get(server.url())));

  CHECK(response.status == 200);
  CHECK(response.body == "hi");
  const std::vector<core::net::HeaderField> expected{
      {"Transfer-Encoding", "chunked"}, {"X-Folded", "a b"}, {"X-Twice", "1"}, {"X-Twice", "2"}};
  CHECK(response.headers == expected);
}

TEST_CASE("a compressed body is handed on as it came") {
  const LoopbackServer server(fakes::answering(
      "HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nContent-Length: 4\r\n\r\n\x1f\x8b\x08\x01"));
  CHECK(response_of(run(get(server.url()))).body == "\x1f\x8b\x08\x01");
}

TEST_CASE("redirects are answers") {
  const LoopbackServer server(
      fakes::answering("HTTP/1.1 302 Found\r\nLocation: /y\r\nContent-Length: 0\r\n\r\n"));
  CHECK(response_of(run(get(server.url()))).status == 302);
  CHECK(server.connections() == 1);
}

TEST_CASE("an answer that comes byte by byte is put together") {
  const LoopbackServer server(fakes::dribbling(k_ok));
  CHECK(response_of(run(get(server.url()))).body == "ok");
}

TEST_CASE("an endless body costs neither memory nor time, in chunks or in one piece") {
  const auto in_chunks = [](Connection& connection) {
    connection.read_request();
    connection.write("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n");
    const std::string chunk = "10000\r\n" + std::string(65536, 'x') + "\r\n";
    while (connection.write(chunk)) {
    }
  };
  const std::vector<LoopbackServer::Script> servers{
      fakes::endless("HTTP/1.1 200 OK\r\n\r\n"),
      fakes::endless("HTTP/1.1 200 OK\r\nContent-Length: 10000000000\r\n\r\n"), in_chunks};
  for (const auto& serve : servers) {
    const LoopbackServer server(serve);
    auto request = get(server.url());
    request.response_limit = {100'000};

    const auto exchange = run(request);
    const auto response = response_of(exchange);

    CHECK(response.status == 200);
    CHECK(response.truncated);
    CHECK(response.body == std::string(100'000, 'x'));
    CHECK(exchange.bytes_in < 1'000'000);
  }
}

TEST_CASE("endless trailers are no answer") {
  const LoopbackServer server([](Connection& connection) {
    connection.read_request();
    connection.write("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n");
    while (connection.write("X-More: and more\r\n")) {
    }
  });
  check_failure(run(get(server.url())), HttpFailure::protocol, "");
}

TEST_CASE("an endless chunk header ends with the time of the request") {
  const LoopbackServer server([](Connection& connection) {
    connection.read_request();
    connection.write("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5;");
    const std::string extension(65536, 'x');
    while (connection.write(extension)) {
    }
  });
  auto request = get(server.url());
  request.timeout = 1s;

  check_failure(run(request), HttpFailure::timeout, "");
}

TEST_CASE("an endless header block is no answer") {
  for (const auto* line : {"X-More: and more\r\n", "HTTP/1.1 100 Continue\r\n\r\n"}) {
    const LoopbackServer server([line](Connection& connection) {
      connection.read_request();
      connection.write("HTTP/1.1 200 OK\r\n");
      while (connection.write(line)) {
      }
    });
    check_failure(run(get(server.url())), HttpFailure::protocol, "");
  }
}

TEST_CASE("a refusal in the middle of an upload is the answer") {
  const LoopbackServer server([](Connection& connection) {
    connection.write(
        "HTTP/1.1 413 Content Too Large\r\nContent-Length: 0\r\n"
        "Connection: close\r\n\r\n");
    connection.wait_for_end();
  });
  auto request = get(server.url());
  request.method = "POST";
  request.headers = {{"Expect", ""}};
  request.body = std::string(8UL << 20U, 'x');
  CHECK(response_of(run(request)).status == 413);
}

// --- connections ---

TEST_CASE("a connection is kept for the next request") {
  const LoopbackServer server(fakes::answering(k_ok));
  const auto client = *CurlHttp::create();
  for (int i = 0; i < 5; ++i)
    CHECK(response_of(run(*client, get(server.url()))).status == 200);
  CHECK(server.connections() == 1);
}

TEST_CASE("a kept connection that the server closed meanwhile is replaced unnoticed") {
  const LoopbackServer server(fakes::closing_after(k_ok));
  const auto client = *CurlHttp::create();
  for (int i = 0; i < 5; ++i)
    CHECK(response_of(run(*client, get(server.url()))).status == 200);
  CHECK(server.connections() == 5);
}

TEST_CASE("a limit of connections is kept while a hundred requests wait for them") {
  const LoopbackServer server(fakes::answering(k_ok));
  const auto client = *CurlHttp::create({.max_connections_per_host = 4});
  for (int i = 0; i < 100; ++i)
    REQUIRE(client->start(get(server.url())).has_value());
  std::size_t good = 0;
  while (client->in_flight() > 0) {
    const auto done = client->wait(10s);
    REQUIRE(done.has_value());
    for (const auto& exchange : *done)
      good += response_of(exchange).status == 200 ? 1 : 0;
  }
  CHECK(good == 100);
  CHECK(server.connections() <= 4);
}

TEST_CASE("one that never answers holds up nobody else") {
  const LoopbackServer slow(fakes::silent());
  const LoopbackServer fast(fakes::answering(k_ok));
  const auto client = *CurlHttp::create();
  auto request = get(slow.url());
  request.tag = 7;
  REQUIRE(client->start(request).has_value());

  CHECK(run(*client, get(fast.url())).tag == 0);

  CHECK(client->in_flight() == 1);
  CHECK(client->wait(0ms)->empty());
}

// --- failures ---

TEST_CASE("a closed port is a failure to connect, with the place in words") {
  const int port = fakes::hold_port();
  check_failure(run(get(fmt::format("http://127.0.0.1:{}/", port))), HttpFailure::connect,
                fmt::format("connection refused (127.0.0.1:{})", port));
}

TEST_CASE("a name that does not exist is a failure to resolve") {
  auto request = get("http://nosuchhost.invalid/");
  request.connect_timeout = 30s;
  check_failure(run(request), HttpFailure::resolve, "nosuchhost.invalid");
}

TEST_CASE("a connection that ends without a whole answer is lost") {
  for (const auto* bytes : {"", "HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nhalf",
                            "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nha"}) {
    CAPTURE(bytes);
    const LoopbackServer server(fakes::closing_after(bytes));
    check_failure(run(get(server.url())), HttpFailure::lost, "connection lost");
  }
}

TEST_CASE("a reset connection is lost") {
  const LoopbackServer server([](Connection& connection) {
    connection.read_request();
    connection.reset_at_end();
  });
  check_failure(run(get(server.url())), HttpFailure::lost, "reset by peer");
}

TEST_CASE("a server that takes the request and never answers is a timeout") {
  const LoopbackServer server(fakes::silent());
  auto request = get(server.url());
  request.timeout = 1s;
  const auto exchange = run(request);
  check_failure(exchange, HttpFailure::timeout, "no complete answer within 1s");
  CHECK(exchange.elapsed >= 1s);
}

TEST_CASE("a timeout on a kept connection is a timeout too") {
  std::atomic<int> requests = 0;
  const LoopbackServer server([&](Connection& connection) {
    while (connection.read_request() && requests++ == 0 && connection.write(k_ok)) {
    }
    connection.wait_for_end();
  });
  const auto client = *CurlHttp::create();
  CHECK(response_of(run(*client, get(server.url()))).status == 200);
  auto request = get(server.url());
  request.timeout = 100ms;
  check_failure(run(*client, request), HttpFailure::timeout, "no complete answer");
  CHECK(server.connections() == 1);
}

TEST_CASE("a handshake that never ends is a failure to connect: nothing was sent") {
  const LoopbackServer server(fakes::silent());
  auto request = get(fmt::format("https://127.0.0.1:{}/", server.port()));
  for (const auto member : {&HttpRequest::timeout, &HttpRequest::connect_timeout}) {
    auto impatient = request;
    impatient.*member = 100ms;
    check_failure(run(impatient), HttpFailure::connect, "timed out");
  }
}

TEST_CASE("a handshake that is cut or answered in plain text is a TLS failure") {
  for (const auto* bytes : {"", "HTTP/1.1 400 Bad Request\r\n\r\n"}) {
    CAPTURE(bytes);
    const LoopbackServer server([bytes](Connection& connection) { connection.write(bytes); });
    check_failure(run(get(fmt::format("https://127.0.0.1:{}/", server.port()))), HttpFailure::tls,
                  "TLS handshake failed");
  }
}

TEST_CASE("an answer that is not HTTP is a protocol failure") {
  for (const auto* bytes :
       {"SSH-2.0-OpenSSH_9.2\r\n", "\x16\x03\x01garbage", "220 mail.example ESMTP\r\n"}) {
    CAPTURE(bytes);
    const LoopbackServer server(fakes::closing_after(bytes));
    check_failure(run(get(server.url())), HttpFailure::protocol, "not an HTTP answer");
  }
}

TEST_CASE("a signal ends the waiting early") {
  const LoopbackServer server(fakes::silent());
  const auto client = *CurlHttp::create();
  REQUIRE(client->start(get(server.url())).has_value());
  // The alarm repeats, since the first one may come before the waiting has begun.
  struct sigaction action{};
  struct sigaction before{};
  action.sa_handler = [](int) {};
  sigaction(SIGALRM, &action, &before);
  const itimerval soon{.it_interval = {.tv_sec = 0, .tv_usec = 20'000},
                       .it_value = {.tv_sec = 0, .tv_usec = 20'000}};
  setitimer(ITIMER_REAL, &soon, nullptr);

  const auto begin = std::chrono::steady_clock::now();
  const auto done = client->wait(20s);

  const itimerval never{};
  setitimer(ITIMER_REAL, &never, nullptr);
  sigaction(SIGALRM, &before, nullptr);
  REQUIRE(done.has_value());
  CHECK(done->empty());
  CHECK(std::chrono::steady_clock::now() - begin < 10s);
}
