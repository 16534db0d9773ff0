// SPDX-License-Identifier: MIT
#include "tests/fakes/loopback_server.hpp"

#include <array>
#include <cstdlib>
#include <utility>

#include <sys/socket.h>
#include <unistd.h>

#include <arpa/inet.h>
#include <fmt/core.h>
#include <netinet/in.h>
#include <netinet/tcp.h>

#include "libcore/base/text.hpp"

namespace fakes {
namespace {

constexpr std::size_t k_kept_body = 1UL << 20U;

void require(bool condition) {
  if (!condition) std::abort();
}

// Bound to `port`, or to a free one if it is 0; returns the socket and the port.
std::pair<int, int> bound_socket(int port = 0, const std::string& host = "127.0.0.1") {
  sockaddr_in v4{};
  sockaddr_in6 v6{};
  const bool is_v4 = inet_pton(AF_INET, host.c_str(), &v4.sin_addr) == 1;
  require(is_v4 || inet_pton(AF_INET6, host.c_str(), &v6.sin6_addr) == 1);
  v4.sin_family = AF_INET;
  v6.sin6_family = AF_INET6;
  v4.sin_port = v6.sin6_port = htons(static_cast<std::uint16_t>(port));
  const int socket = ::socket(is_v4 ? AF_INET : AF_INET6, SOCK_STREAM | SOCK_CLOEXEC, 0);
  // So that another server can take the port at once when this one has ended.
  const int on = 1;
  ::setsockopt(socket, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
  require(socket >= 0);
  socklen_t size = is_v4 ? sizeof v4 : sizeof v6;
  auto* plain = is_v4 ? reinterpret_cast<sockaddr*>(&v4) : reinterpret_cast<sockaddr*>(&v6);
  require(bind(socket, plain, size) == 0);
  require(getsockname(socket, plain, &size) == 0);
  return {socket, ntohs(is_v4 ? v4.sin_port : v6.sin6_port)};
}

std::uint64_t announced_size(const ReceivedRequest& request) {
  for (const auto line : core::split(request.head, '\n')) {
    const auto colon = line.find(':');
    if (!core::equals_ignoring_case(line.substr(0, colon), "content-length")) continue;
    return core::parse_unsigned(core::trim(line.substr(colon + 1))).value_or(0);
  }
  return 0;
}

}  // namespace

bool ReceivedRequest::has_line(std::string_view line) const {
  for (const auto candidate : core::split(head, '\n'))
    if (core::trim(candidate) == line) return true;
  return false;
}

// --- Connection ---

bool Connection::read_more() {
  std::array<char, 65536> buffer{};
  const auto got = recv(socket_, buffer.data(), buffer.size(), 0);
  if (got <= 0) return false;
  pending_.append(buffer.data(), static_cast<std::size_t>(got));
  return true;
}

std::optional<ReceivedRequest> Connection::read_request() {
  ReceivedRequest request;
  auto end = pending_.find("\r\n\r\n");
  while (end == std::string::npos) {
    if (!read_more()) return std::nullopt;
    end = pending_.find("\r\n\r\n");
  }
  request.head = pending_.substr(0, end + 2);
  pending_.erase(0, end + 4);
  if (request.has_line("Expect: 100-continue")) write("HTTP/1.1 100 Continue\r\n\r\n");
  const auto size = announced_size(request);
  while (request.body_size < size) {
    if (pending_.empty() && !read_more()) return std::nullopt;
    const auto part = std::min<std::uint64_t>(pending_.size(), size - request.body_size);
    if (request.body.size() < k_kept_body) request.body += pending_.substr(0, part);
    request.body_size += part;
    pending_.erase(0, part);
  }
  return request;
}

bool Connection::write(std::string_view bytes) {
  while (!bytes.empty()) {
    const auto sent = send(socket_, bytes.data(), bytes.size(), MSG_NOSIGNAL);
    if (sent <= 0) return false;
    bytes.remove_prefix(static_cast<std::size_t>(sent));
  }
  return true;
}

void Connection::wait_for_end() {
  while (read_more())
    pending_.clear();
}

void Connection::reset_at_end() {
  const linger at_once{.l_onoff = 1, .l_linger = 0};
  setsockopt(socket_, SOL_SOCKET, SO_LINGER, &at_once, sizeof(at_once));
}

// --- LoopbackServer ---

LoopbackServer::LoopbackServer(Script script, int port, const std::string& address)
    : script_(std::move(script)) {
  std::tie(listener_, port_) = bound_socket(port, address);
  require(listen(listener_, 256) == 0);
  acceptor_ = std::thread([this] { accept_all(); });
}

LoopbackServer::~LoopbackServer() {
  {
    const std::lock_guard lock(mutex_);
    stopping_ = true;
    for (const auto& served : served_)
      if (served.socket >= 0) shutdown(served.socket, SHUT_RDWR);
  }
  shutdown(listener_, SHUT_RDWR);  // wakes accept(2) on Linux
  acceptor_.join();
  close(listener_);
  for (auto& served : served_)
    served.thread.join();
}

std::string LoopbackServer::url(std::string_view path) const {
  return fmt::format("http://127.0.0.1:{}{}", port_, path);
}

void LoopbackServer::accept_all() {
  while (true) {
    const int socket = accept4(listener_, nullptr, nullptr, SOCK_CLOEXEC);
    if (socket < 0) return;
    const int on = 1;
    setsockopt(socket, IPPROTO_TCP, TCP_NODELAY, &on, sizeof(on));
    ++connections_;
    const std::lock_guard lock(mutex_);
    if (stopping_) {
      close(socket);
      return;
    }
    auto& served = served_.emplace_back();
    served.socket = socket;
    served.thread = std::thread([this, &served] { serve(served); });
  }
}

void LoopbackServer::serve(Served& served) {
  Connection connection(served.socket);
  script_(connection);
  const std::lock_guard lock(mutex_);
  close(std::exchange(served.socket, -1));
}

int hold_port() {
  return bound_socket().second;
}

LoopbackServer::Script answering(std::string bytes) {
  return [bytes = std::move(bytes)](Connection& connection) {
    while (connection.read_request() && connection.write(bytes)) {
    }
  };
}

LoopbackServer::Script dribbling(std::string bytes) {
  return [bytes = std::move(bytes)](Connection& connection) {
    connection.read_request();
    for (const char& byte : bytes)
      if (!connection.write({&byte, 1})) return;
  };
}

LoopbackServer::Script endless(std::string head) {
  return [head = std::move(head)](Connection& connection) {
    connection.read_request();
    connection.write(head);
    const std::string body(65536, 'x');
    while (connection.write(body)) {
    }
  };
}

LoopbackServer::Script silent() {
  return [](Connection& connection) { connection.wait_for_end(); };
}

LoopbackServer::Script closing_after(std::string bytes) {
  return [bytes = std::move(bytes)](Connection& connection) {
    connection.read_request();
    connection.write(bytes);
  };
}

}  // namespace fakes
