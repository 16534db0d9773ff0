// SPDX-License-Identifier: MIT
#include "libcore/net/tcp_attempt.hpp"

#include <algorithm>
#include <array>
#include <cerrno>

#include <poll.h>
#include <sys/socket.h>

namespace core::net {
namespace {

constexpr std::size_t k_longest_answer = 32UL * 1024;
constexpr Duration k_shortest_linger = std::chrono::milliseconds{20};
constexpr Duration k_longest_linger = std::chrono::milliseconds{250};

int error_of(int fd) {
  int error = 0;
  socklen_t size = sizeof error;
  return ::getsockopt(fd, SOL_SOCKET, SO_ERROR, &error, &size) == 0 ? error : errno;
}

bool is_writable(int fd) {
  pollfd polled{.fd = fd, .events = POLLOUT, .revents = 0};
  return ::poll(&polled, 1, 0) > 0;
}

}  // namespace

TcpAttempt::TcpAttempt(const ProbeTarget& target, const IpAddress& address,
                       const ProbeLimits& limits, sys::PollSet& set, Duration now, Duration end)
    : target_(&target),
      set_(&set),
      socket_(open_probe_socket(Transport::tcp, address, target.port, limits.interface)),
      begun_(now),
      deadline_(std::min(now + limits.connect, end)),
      end_(end) {
  result_.family = address.family;
  result_.address = address.text();
  if (socket_.failure.is_failure()) {
    fail(socket_.failure, now);
  } else if (!set_->add(socket_.fd.get(), sys::Until::writable)) {
    fail({.outcome = ProbeOutcome::not_sent, .message = "it cannot be waited for"}, now);
  }
}

bool TcpAttempt::has_answer() const {
  switch (result_.outcome) {
    case ProbeOutcome::answered:
    case ProbeOutcome::wrong_answer:
    case ProbeOutcome::server_error:
    case ProbeOutcome::throttled:
    case ProbeOutcome::turned_away:
      return true;
    default:
      return false;
  }
}

std::optional<Duration> TcpAttempt::next() const {
  return is_done() ? std::nullopt : std::optional(deadline_);
}

void TcpAttempt::advance(Duration now) {
  if (stage_ == Stage::connecting) connect(now);
  if (stage_ == Stage::reading) read(now);
  if (stage_ == Stage::lingering) linger(now);
  if (!is_done() && now >= deadline_) expire(now);
}

void TcpAttempt::connect(Duration now) {
  if (!is_writable(socket_.fd.get())) return;
  if (const int error = error_of(socket_.fd.get()); error != 0) {
    return fail(failure_of(error), now);
  }
  connected_ = now;
  result_.times.connect = result_.elapsed = now - begun_;
  if (target_->kind != ProbeKind::http) {
    result_.outcome = ProbeOutcome::answered;
    return finish();
  }
  send_question(now);
}

// A request fits into any socket's buffer.
void TcpAttempt::send_question(Duration now) {
  const auto request = format_probe_request(*target_);
  const auto sent = ::send(socket_.fd.get(), request.data(), request.size(), MSG_NOSIGNAL);
  if (sent < 0) return fail(failure_of(errno), now);
  stage_ = Stage::reading;
  deadline_ = end_;
  set_->remove(socket_.fd.get());
  if (!set_->add(socket_.fd.get())) {
    fail({.outcome = ProbeOutcome::not_sent, .message = "it cannot be waited for"}, now);
  }
}

void TcpAttempt::read(Duration now) {
  std::array<char, 8192> buffer{};
  while (!is_at_end_ && received_.size() < k_longest_answer) {
    const auto size = ::recv(socket_.fd.get(), buffer.data(), buffer.size(), 0);
    if (size < 0 && errno == EINTR) continue;
    if (size < 0 && errno == EAGAIN) break;
    if (size < 0) return fail(failure_of(errno), now);
    if (size > 0 && received_.empty()) result_.times.first_byte = now - connected_;
    is_at_end_ = size == 0;
    received_.append(buffer.data(), static_cast<std::size_t>(size));
  }
  look_at_answer(now);
}

void TcpAttempt::look_at_answer(Duration now) {
  if (received_.empty() && is_at_end_) {
    return fail({.outcome = ProbeOutcome::lost, .message = "closed without an answer"}, now);
  }
  if (received_.empty()) return;
  const auto answer = read_probe_answer(received_);
  const bool is_over = is_at_end_ || now >= end_;
  if (answer && !*answer && !is_over) return;
  if (!answer || !*answer) {
    result_.outcome = answer ? ProbeOutcome::lost : ProbeOutcome::wrong_answer;
    result_.message = answer ? "closed within the answer" : answer.error().message;
  } else {
    if (!(*answer)->is_whole && !is_over) return;
    judge_probe_answer(*target_, **answer, result_);
  }
  result_.elapsed = now - begun_;
  if (is_over) return finish();
  stage_ = Stage::lingering;
  const auto span = std::clamp(2 * *result_.times.connect, k_shortest_linger, k_longest_linger);
  deadline_ = std::min(now + span, end_);
}

void TcpAttempt::linger(Duration now) {
  std::array<char, 8192> buffer{};
  while (true) {
    const auto size = ::recv(socket_.fd.get(), buffer.data(), buffer.size(), 0);
    if (size > 0 || (size < 0 && errno == EINTR)) continue;
    const bool has_more_to_come = size < 0 && errno == EAGAIN;
    if (!has_more_to_come || now >= deadline_) finish();
    return;
  }
}

void TcpAttempt::expire(Duration now) {
  if (stage_ == Stage::lingering) return finish();
  const bool was_connected = is_connected();
  if (was_connected && !received_.empty()) {
    look_at_answer(now);
    if (is_done()) return;
  }
  fail({.outcome = ProbeOutcome::timeout,
        .message = was_connected ? "no whole answer in time" : "no connection in time"},
       now);
}

void TcpAttempt::fail(const SocketFailure& failure, Duration now) {
  result_.outcome = failure.outcome;
  result_.message = failure.message;
  result_.elapsed = now - begun_;
  finish();
}

void TcpAttempt::give_up() {
  if (!is_done()) finish();
}

void TcpAttempt::finish() {
  stage_ = Stage::done;
  if (socket_.fd.is_open()) result_.bytes = close_with_reset(socket_.fd, *result_.family);
}

}  // namespace core::net
