// SPDX-License-Identifier: MIT
//
// usage: fault_proxy PORT UPSTREAM SEED|calm
//
// A bad network between a client and an HTTP server on loopback: listens on PORT and passes
// requests on to UPSTREAM, both ports of 127.0.0.1. The connections of a seed are dealt the same
// faults in the same order: each is good for some requests, and then one goes wrong in one of the
// ways below. With "calm" none does. Prints "listening on http://127.0.0.1:PORT", then for each
// request "FATE KEY", with its Idempotency-Key or "-"; "replayed KEY" is added when UPSTREAM says
// that it had this request before. Runs until it is killed.

#include <algorithm>
#include <array>
#include <atomic>
#include <cstdio>
#include <mutex>
#include <optional>
#include <random>
#include <string>
#include <string_view>

#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <arpa/inet.h>
#include <fmt/core.h>
#include <netinet/in.h>
#include <netinet/tcp.h>

#include "libcore/base/text.hpp"
#include "libcore/sys/fd.hpp"
#include "tests/fakes/loopback_server.hpp"

namespace {

using fakes::Connection;
using fakes::ReceivedRequest;

enum class Fate {
  passed,
  delayed,
  reset_before,  // it never reached the server
  reset_after,   // the server has it, the client does not know
  half_answer,   // the same, and the client got a part of the answer
  one_byte_each_second,
  bad_gateway,
  unavailable,
  unavailable_for_a_second,  // with Retry-After
  login_page,                // a captive portal: 200, and not what was asked for
  redirect_to_login,         // the same, by a redirect to another host
};

struct FateRow {
  Fate fate;
  std::string_view name;
  int weight;  // among the faults
};

constexpr std::array<FateRow, 11> k_fates{{
    {Fate::passed, "passed", 0},
    {Fate::delayed, "delayed", 6},
    {Fate::reset_before, "reset-before", 3},
    {Fate::reset_after, "reset-after", 4},
    {Fate::half_answer, "half-answer", 4},
    {Fate::one_byte_each_second, "byte-per-second", 1},
    {Fate::bad_gateway, "502", 2},
    {Fate::unavailable, "503", 2},
    {Fate::unavailable_for_a_second, "503-retry-after", 1},
    {Fate::login_page, "portal-200", 1},
    {Fate::redirect_to_login, "portal-302", 1},
}};

std::string_view name_of(Fate fate) {
  for (const auto& row : k_fates)
    if (row.fate == fate) return row.name;
  return {};
}

class Log {
 public:
  void print(std::string_view what, const std::string& key) {
    const std::lock_guard lock(mutex_);
    fmt::print("{} {}\n", what, key);
    std::fflush(stdout);
  }

 private:
  std::mutex mutex_;
};

// What is dealt to one connection.
class Fortune {
 public:
  explicit Fortune(std::optional<std::uint32_t> seed) : is_calm_(!seed), random_(seed.value_or(0)) {
    deal();
  }

  Fate next() {
    if (is_calm_ || good_-- > 0) return Fate::passed;
    const Fate fate = fate_;
    deal();
    return fate;
  }
  int up_to(int limit) { return std::uniform_int_distribution(0, limit)(random_); }

 private:
  void deal() {
    constexpr int k_good_in_a_row = 60;
    good_ = up_to(k_good_in_a_row);
    int total = 0;
    for (const auto& row : k_fates)
      total += row.weight;
    int ticket = up_to(total - 1);
    for (const auto& row : k_fates) {
      fate_ = row.fate;
      ticket -= row.weight;
      if (ticket < 0) return;
    }
  }

  bool is_calm_;
  std::mt19937 random_;
  int good_ = 0;
  Fate fate_ = Fate::passed;
};

std::string key_of(const ReceivedRequest& request) {
  for (const auto line : core::split(request.head, '\n')) {
    const auto colon = line.find(':');
    if (core::equals_ignoring_case(line.substr(0, colon), "idempotency-key"))
      return std::string(core::trim(line.substr(colon + 1)));
  }
  return "-";
}

std::string text_of(const ReceivedRequest& message) {
  return message.head + "\r\n" + message.body;
}

std::string answer(std::string_view status, std::string_view headers, std::string_view body) {
  return fmt::format("HTTP/1.1 {}\r\nContent-Length: {}\r\n{}\r\n{}", status, body.size(), headers,
                     body);
}

core::sys::Fd connect_to(int port) {
  core::sys::Fd socket(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0));
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  address.sin_port = htons(static_cast<in_port_t>(port));
  if (::connect(socket.get(), reinterpret_cast<sockaddr*>(&address), sizeof(address)) != 0)
    return {};
  const int on = 1;
  ::setsockopt(socket.get(), IPPROTO_TCP, TCP_NODELAY, &on, sizeof(on));
  return socket;
}

void pause_for(int milliseconds) {
  ::poll(nullptr, 0, milliseconds);
}

class Relay {
 public:
  Relay(Connection& client, int upstream, Fortune fortune, Log& log)
      : client_(client), upstream_(upstream), fortune_(fortune), log_(log) {}

  void run() {
    while (const auto request = client_.read_request()) {
      const Fate fate = fortune_.next();
      log_.print(name_of(fate), key_of(*request));
      if (!meet(fate, *request)) return;
    }
  }

 private:
  // False: the connection is over.
  bool meet(Fate fate, const ReceivedRequest& request) {
    switch (fate) {
      case Fate::passed:
        return pass(request);
      case Fate::delayed: {
        constexpr int k_longest_ms = 300;
        pause_for(fortune_.up_to(k_longest_ms));
        return pass(request);
      }
      case Fate::reset_before:
        client_.reset_at_end();
        return false;
      case Fate::reset_after:
        exchange(request);
        client_.reset_at_end();
        return false;
      case Fate::half_answer:
        return answer_half(request);
      case Fate::one_byte_each_second:
        return dribble(request);
      case Fate::bad_gateway:
        return client_.write(answer("502 Bad Gateway", "", "{}"));
      case Fate::unavailable:
        return client_.write(answer("503 Service Unavailable", "", "{}"));
      case Fate::unavailable_for_a_second:
        return client_.write(answer("503 Service Unavailable", "Retry-After: 1\r\n", "{}"));
      case Fate::login_page:
        return client_.write(answer("200 OK", "Content-Type: text/html\r\n",
                                    "<!DOCTYPE html><title>Log in to the guest network</title>"));
      case Fate::redirect_to_login:
        return client_.write(answer("302 Found", "Location: http://login.example/\r\n", ""));
    }
    return false;
  }

  // What the server answers, on a connection that is kept. Nothing: it is not there.
  std::optional<ReceivedRequest> exchange(const ReceivedRequest& request) {
    if (!socket_.is_open()) socket_ = connect_to(upstream_);
    if (!socket_.is_open()) return std::nullopt;
    Connection server(socket_.get());
    std::optional<ReceivedRequest> answer;
    if (server.write(text_of(request))) answer = server.read_request();
    if (!answer) socket_ = {};
    if (answer && answer->has_line("Idempotency-Replayed: true"))
      log_.print("replayed", key_of(request));
    return answer;
  }

  bool pass(const ReceivedRequest& request) {
    const auto answer = exchange(request);
    return answer && client_.write(text_of(*answer));
  }

  bool answer_half(const ReceivedRequest& request) {
    const auto answer = exchange(request);
    if (!answer) return false;
    const std::string text = text_of(*answer);
    const auto most = static_cast<int>(text.size()) - 1;
    client_.write(std::string_view(text).substr(0, static_cast<std::size_t>(fortune_.up_to(most))));
    return false;
  }

  bool dribble(const ReceivedRequest& request) {
    const auto answer = exchange(request);
    if (!answer) return false;
    constexpr int k_second_ms = 1000;
    const std::string text = text_of(*answer);
    for (const char& byte : text) {
      if (!client_.write({&byte, 1})) return false;
      pause_for(k_second_ms);
    }
    return true;
  }

  Connection& client_;
  int upstream_;
  Fortune fortune_;
  Log& log_;
  core::sys::Fd socket_;
};

}  // namespace

int main(int argc, char** argv) {
  const auto port = argc == 4 ? core::parse_unsigned(argv[1]) : std::nullopt;
  const auto upstream = argc == 4 ? core::parse_unsigned(argv[2]) : std::nullopt;
  const bool is_calm = argc == 4 && std::string_view(argv[3]) == "calm";
  const auto seed = argc == 4 && !is_calm ? core::parse_unsigned(argv[3]) : std::nullopt;
  if (!port || !upstream || is_calm == seed.has_value()) {
    fmt::print(stderr, "usage: fault_proxy PORT UPSTREAM SEED|calm\n");
    return 2;
  }
  Log log;
  std::atomic<std::uint32_t> connections = 0;
  const fakes::LoopbackServer server(
      [&](Connection& client) {
        const auto number = ++connections;
        const auto own = seed ? std::optional(static_cast<std::uint32_t>(*seed) * 65'537 + number)
                              : std::nullopt;
        Relay(client, static_cast<int>(*upstream), Fortune(own), log).run();
      },
      static_cast<int>(*port));
  fmt::print("listening on {}\n", server.url(""));
  std::fflush(stdout);
  while (true)
    ::pause();
}
