// SPDX-License-Identifier: MIT
//
// usage: faulty_server MODE [PORT]
//
// A server on PORT of 127.0.0.1, by default a free one, that misbehaves in one way, for the tests
// of whole programs. The first line of its output says where it listens, "listening on
// http://127.0.0.1:PORT"; after that there is one line for each request, "METHOD TARGET KEY", with
// the Idempotency-Key or "-". The mode "absent" refuses connections: it only holds a free port, so
// that no other program gets it, and says "holding http://127.0.0.1:PORT". Runs until it is killed.

#include <array>
#include <atomic>
#include <cstdio>
#include <functional>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>

#include <poll.h>
#include <unistd.h>

#include <fmt/core.h>

#include "libcore/base/text.hpp"
#include "tests/fakes/loopback_server.hpp"

namespace {

using fakes::Connection;

// One line for each request; connections are served by threads of their own.
class RequestLog {
 public:
  void note(const fakes::ReceivedRequest& request) {
    std::string_view first = request.head;
    first = first.substr(0, first.rfind(" HTTP/", first.find("\r\n")));
    std::string key = "-";
    for (const auto line : core::split(request.head, '\n')) {
      const auto colon = line.find(':');
      if (core::equals_ignoring_case(line.substr(0, colon), "idempotency-key")) {
        key = core::trim(line.substr(colon + 1));
      }
    }
    print(fmt::format("{} {}\n", first, key));
  }

  void print(const std::string& text) {
    const std::lock_guard lock(mutex_);
    std::fputs(text.c_str(), stdout);
    std::fflush(stdout);
  }

 private:
  std::mutex mutex_;
};

std::optional<fakes::ReceivedRequest> next_request(Connection& connection, RequestLog& log) {
  auto request = connection.read_request();
  if (request) log.note(*request);
  return request;
}

std::string answer(std::string_view status, std::string_view headers, std::string_view body) {
  return fmt::format("HTTP/1.1 {}\r\nContent-Length: {}\r\n{}\r\n{}", status, body.size(), headers,
                     body);
}

// The same bytes for every request, until the client leaves.
void always(Connection& connection, RequestLog& log, const std::string& bytes) {
  while (next_request(connection, log) && connection.write(bytes)) {
  }
}

void close_early(Connection& connection, RequestLog& log) {
  log.print("connection\n");
  connection.reset_at_end();
}

void reset_after_request(Connection& connection, RequestLog& log) {
  next_request(connection, log);
  connection.reset_at_end();
}

void close_after_request(Connection& connection, RequestLog& log) {
  next_request(connection, log);
}

void never_answer(Connection& connection, RequestLog& log) {
  if (next_request(connection, log)) connection.wait_for_end();
}

void endless(Connection& connection, RequestLog& log) {
  if (!next_request(connection, log)) return;
  connection.write("HTTP/1.1 200 OK\r\nContent-Length: 10000000000\r\n\r\n");
  const std::string body(65536, 'x');
  while (connection.write(body)) {
  }
}

void half_answer(Connection& connection, RequestLog& log) {
  if (!next_request(connection, log)) return;
  connection.write("HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\n{\"half\":");
}

void not_http(Connection& connection, RequestLog& log) {
  if (next_request(connection, log)) connection.write("220 mail.example.com ESMTP\r\n");
}

// One byte in 100 ms: an answer that would take ten seconds, and is alive all the time.
void dribble(Connection& connection, RequestLog& log) {
  if (!next_request(connection, log)) return;
  const std::string bytes = answer("200 OK", "X-Long: " + std::string(60, 'x') + "\r\n", "{}");
  for (const char& byte : bytes) {
    if (!connection.write({&byte, 1})) return;
    ::poll(nullptr, 0, 100);
  }
}

void redirect_circle(Connection& connection, RequestLog& log) {
  always(connection, log, answer("307 Temporary Redirect", "Location: /again\r\n", ""));
}

void redirect_elsewhere(Connection& connection, RequestLog& log) {
  always(connection, log, answer("302 Found", "Location: http://login.example/portal\r\n", ""));
}

void login_page(Connection& connection, RequestLog& log) {
  always(connection, log,
         answer("200 OK", "Content-Type: text/html\r\n",
                "<!DOCTYPE html><title>Welcome to the guest network</title>"));
}

void unauthorized(Connection& connection, RequestLog& log) {
  always(connection, log,
         answer("401 Unauthorized", "WWW-Authenticate: Bearer\r\n", "{\"error\":\"token\"}"));
}

void too_many(Connection& connection, RequestLog& log) {
  always(connection, log, answer("429 Too Many Requests", "Retry-After: 3600\r\n", ""));
}

void unavailable(Connection& connection, RequestLog& log) {
  always(connection, log, answer("503 Service Unavailable", "Retry-After: 3600\r\n", ""));
}

void internal_error(Connection& connection, RequestLog& log) {
  always(connection, log, answer("500 Internal Server Error", "", "{\"error\":\"oops\"}"));
}

void good(Connection& connection, RequestLog& log) {
  always(connection, log,
         answer("200 OK", "Content-Type: application/json\r\n", "{\"stored\":true}"));
}

// A result for each line of the body: those with "bad" in them are refused.
void result_for_each(Connection& connection, RequestLog& log) {
  while (const auto request = next_request(connection, log)) {
    std::string results;
    for (const auto line : core::split(request->body, '\n')) {
      if (line.empty()) continue;
      const bool is_bad = line.find("bad") != std::string_view::npos;
      results += results.empty() ? "[" : ",";
      results += is_bad ? R"({"status":422,"error":"it is bad"})" : R"({"status":201})";
    }
    if (!connection.write(answer("207 Multi-Status", "", results + "]"))) return;
  }
}

// The first request of the program's life gets 500, the others 200.
class FailingOnce {
 public:
  void operator()(Connection& connection, RequestLog& log) {
    while (next_request(connection, log)) {
      const bool first = !failed_.exchange(true);
      if (!connection.write(first ? answer("500 Internal Server Error", "", "")
                                  : answer("200 OK", "", "{\"stored\":true}")))
        return;
    }
  }

 private:
  std::atomic<bool> failed_ = false;
};

struct Mode {
  std::string_view name;
  void (*serve)(Connection&, RequestLog&);
};

constexpr std::array<Mode, 17> k_modes{{
    {"close-early", close_early},
    {"reset-after-request", reset_after_request},
    {"close-after-request", close_after_request},
    {"never-answer", never_answer},
    {"endless", endless},
    {"half-answer", half_answer},
    {"not-http", not_http},
    {"dribble", dribble},
    {"redirect-circle", redirect_circle},
    {"redirect-elsewhere", redirect_elsewhere},
    {"login-page", login_page},
    {"401", unauthorized},
    {"429", too_many},
    {"503", unavailable},
    {"500", internal_error},
    {"good", good},
    {"result-for-each", result_for_each},
}};
constexpr std::string_view k_failing_once = "500-then-200";
constexpr std::string_view k_absent = "absent";

std::function<void(Connection&, RequestLog&)> behaviour(std::string_view name,
                                                        FailingOnce& failing_once) {
  if (name == k_failing_once) return std::ref(failing_once);
  for (const auto& mode : k_modes)
    if (mode.name == name) return mode.serve;
  return nullptr;
}

[[noreturn]] void wait_for_the_end() {
  while (true)
    ::pause();
}

int usage() {
  fmt::print(stderr, "usage: faulty_server MODE [PORT]\nmodes: {} {}", k_absent, k_failing_once);
  for (const auto& mode : k_modes)
    fmt::print(stderr, " {}", mode.name);
  fmt::print(stderr, "\n");
  return 2;
}

}  // namespace

int main(int argc, char** argv) {
  const std::string_view mode = argc > 1 ? argv[1] : "";
  const auto port = argc > 2 ? core::parse_unsigned(argv[2]) : std::uint64_t{0};
  if (argc > 3 || !port) return usage();
  RequestLog log;
  if (mode == k_absent) {
    log.print(fmt::format("holding http://127.0.0.1:{}\n", fakes::hold_port()));
    wait_for_the_end();
  }
  FailingOnce failing_once;
  const auto serve = behaviour(mode, failing_once);
  if (!serve) return usage();
  const fakes::LoopbackServer server([&](Connection& connection) { serve(connection, log); },
                                     static_cast<int>(*port));
  log.print("listening on " + server.url("") + "\n");
  wait_for_the_end();
}
