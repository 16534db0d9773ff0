// SPDX-License-Identifier: MIT
#pragma once

// The server's end of one connection: buffers both directions, and gives up when its time is over
// or the server stops. cpp-httplib reads the head of a request through it; bodies are read through
// ByteSource. For the httpd*.cpp only.

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <string>
#include <string_view>

#include <httplib.h>

#include "libcore/base/result.hpp"
#include "libcore/net/http_message.hpp"
#include "libcore/net/httpd.hpp"

namespace core::net {

// For poll(2): not negative, and not for ever.
int milliseconds_until(std::chrono::steady_clock::time_point deadline);

// What is read or written at a time.
inline constexpr std::size_t k_buffer = 64UL * 1024;

class Connection final : public httplib::Stream, public ByteSource {
 public:
  Connection(int socket, int stop, const ServerLimits& limits)
      : socket_(socket), stop_(stop), limits_(limits), in_(k_buffer, '\0') {}

  // Whether a request begins to arrive in time. `is_crowded`: others wait for this thread.
  bool wait_for_request(const std::function<bool()>& is_crowded);

  [[nodiscard]] const std::string& head() const { return head_; }
  [[nodiscard]] bool is_head_too_long() const { return head_.size() >= limits_.head.value; }

  enum class Announce { nothing, go_ahead };  // go_ahead: the client waits for "100 Continue"
  void begin_body(Announce announce) {
    phase_ = Phase::body;
    body_begin_ = std::chrono::steady_clock::now();
    body_bytes_ = 0;
    announce_ = announce;
  }

  Result<std::string_view> peek() override;
  void consume(std::size_t count) override { begin_ += count; }

  void forget_output() { out_.clear(); }
  // Everything written from now on is dropped.
  void mute() { is_muted_ = true; }
  bool flush();

  // Reads on for a moment after the answer: closing a socket with unread bytes resets the
  // connection, and the client would lose the answer.
  void linger();

  // --- httplib::Stream ---

  [[nodiscard]] bool is_readable() const override { return true; }
  [[nodiscard]] bool is_writable() const override { return true; }
  ssize_t read(char* bytes, std::size_t size) override;
  ssize_t write(const char* bytes, std::size_t size) override;
  void get_remote_ip_and_port(std::string& ip, int& port) const override {
    ip.clear();
    port = 0;
  }
  void get_local_ip_and_port(std::string& ip, int& port) const override {
    get_remote_ip_and_port(ip, port);
  }
  [[nodiscard]] socket_t socket() const override { return socket_; }

 private:
  enum class Ready { yes, late, stopped };
  enum class Phase { head, body };

  Ready wait(short events, std::chrono::steady_clock::time_point deadline) const;

  [[nodiscard]] std::chrono::steady_clock::time_point deadline() const;

  // At least one byte, or none at the end of the stream.
  Result<> fill();

  const int socket_;
  const int stop_;
  const ServerLimits& limits_;
  std::string in_;
  std::size_t begin_ = 0;
  std::size_t end_ = 0;
  std::string out_;
  bool is_muted_ = false;
  std::string head_;
  Phase phase_ = Phase::head;
  std::chrono::steady_clock::time_point deadline_;
  std::chrono::steady_clock::time_point body_begin_;
  std::uint64_t body_bytes_ = 0;
  Announce announce_ = Announce::nothing;
};

}  // namespace core::net
