// SPDX-License-Identifier: MIT
#include "libcore/net/httpd_connection.hpp"

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>
#include <utility>

#include <poll.h>
#include <sys/socket.h>

namespace core::net {

using std::chrono::steady_clock;
using Milliseconds = std::chrono::milliseconds;

int milliseconds_until(steady_clock::time_point deadline) {
  const auto left = std::chrono::ceil<Milliseconds>(deadline - steady_clock::now()).count();
  return static_cast<int>(std::clamp<long>(left, 0, 3'600'000));
}

bool Connection::wait_for_request(const std::function<bool()>& is_crowded) {
  constexpr Milliseconds k_slice{1000};
  head_.clear();
  phase_ = Phase::head;
  const auto deadline = steady_clock::now() + limits_.idle_time;
  while (begin_ == end_) {
    const auto slice = std::min(deadline, steady_clock::now() + k_slice);
    const Ready ready = wait(POLLIN, slice);
    if (ready == Ready::stopped) return false;
    if (ready == Ready::yes) break;
    if (steady_clock::now() >= deadline || is_crowded()) return false;
  }
  deadline_ = steady_clock::now() + limits_.head_time;
  return true;
}

Result<std::string_view> Connection::peek() {
  if (begin_ == end_) {
    if (std::exchange(announce_, Announce::nothing) == Announce::go_ahead) {
      out_ += "HTTP/1.1 100 Continue\r\n\r\n";
      if (!flush()) return fail(Errc::io, "connection lost");
    }
    TRY(fill());
  }
  return std::string_view(in_).substr(begin_, end_ - begin_);
}

bool Connection::flush() {
  std::string_view rest = out_;
  const auto deadline = steady_clock::now() + limits_.write_time;
  while (!rest.empty() && !is_muted_) {
    const ssize_t sent = ::send(socket_, rest.data(), rest.size(), MSG_NOSIGNAL | MSG_DONTWAIT);
    if (sent > 0) rest.remove_prefix(static_cast<std::size_t>(sent));
    if (sent < 0 && errno == EAGAIN && wait(POLLOUT, deadline) == Ready::yes) continue;
    if (sent < 0 && errno != EINTR) is_muted_ = true;
  }
  out_.clear();
  return !is_muted_;
}

void Connection::linger() {
  constexpr Milliseconds k_patience{1000};
  constexpr std::size_t k_most = 16UL << 20U;
  ::shutdown(socket_, SHUT_WR);
  const auto deadline = steady_clock::now() + k_patience;
  std::size_t seen = 0;
  while (seen < k_most && wait(POLLIN, deadline) == Ready::yes) {
    const ssize_t got = ::recv(socket_, in_.data(), in_.size(), MSG_DONTWAIT);
    if (got <= 0) return;
    seen += static_cast<std::size_t>(got);
  }
}

ssize_t Connection::read(char* bytes, std::size_t size) {
  if (is_head_too_long()) return -1;
  const auto arrived = peek();
  if (!arrived) return -1;
  const auto taken = arrived->substr(0, std::min(size, limits_.head.value - head_.size()));
  std::memcpy(bytes, taken.data(), taken.size());
  head_ += taken;
  consume(taken.size());
  return static_cast<ssize_t>(taken.size());
}

ssize_t Connection::write(const char* bytes, std::size_t size) {
  out_.append(bytes, size);
  if (out_.size() > k_buffer && !flush()) return -1;
  return is_muted_ ? -1 : static_cast<ssize_t>(size);
}

Connection::Ready Connection::wait(short events, steady_clock::time_point deadline) const {
  std::array<pollfd, 2> polled{{{socket_, events, 0}, {stop_, POLLIN, 0}}};
  int count = 0;
  do {
    count = ::poll(polled.data(), polled.size(), milliseconds_until(deadline));
  } while (count < 0 && errno == EINTR);
  if (polled[1].revents != 0) return Ready::stopped;
  return polled[0].revents != 0 ? Ready::yes : Ready::late;
}

steady_clock::time_point Connection::deadline() const {
  if (phase_ == Phase::head) return deadline_;
  return body_begin_ + limits_.body_grace + std::chrono::seconds(body_bytes_ / limits_.body_rate);
}

Result<> Connection::fill() {
  begin_ = end_ = 0;
  while (true) {
    const ssize_t got = ::recv(socket_, in_.data(), in_.size(), MSG_DONTWAIT);
    if (got >= 0) {
      end_ = static_cast<std::size_t>(got);
      body_bytes_ += end_;
      return {};
    }
    if (errno == EINTR) continue;
    if (errno != EAGAIN) return fail(Errc::io, "connection lost");
    const Ready ready = wait(POLLIN, deadline());
    if (ready == Ready::late) return fail(Errc::timeout, "client too slow");
    if (ready == Ready::stopped) return fail(Errc::io, "server stops");
  }
}

}  // namespace core::net
