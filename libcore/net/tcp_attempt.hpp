// SPDX-License-Identifier: MIT
#pragma once

// One connection to one address, and the question that goes over it where it is of HTTP. Does not
// wait. Internal to the prober.

#include <optional>
#include <string>

#include "libcore/base/time.hpp"
#include "libcore/net/http_probe.hpp"
#include "libcore/net/probe_socket.hpp"
#include "libcore/net/prober.hpp"
#include "libcore/sys/poll_set.hpp"

namespace core::net {

class TcpAttempt {
 public:
  // `target`, `limits` and `set` outlive this. At `end` it is over, whatever has come.
  TcpAttempt(const ProbeTarget& target, const IpAddress& address, const ProbeLimits& limits,
             sys::PollSet& set, Duration now, Duration end);

  void advance(Duration now);
  [[nodiscard]] std::optional<Duration> next() const;
  [[nodiscard]] bool is_done() const { return stage_ == Stage::done; }
  [[nodiscard]] bool is_connected() const { return stage_ > Stage::connecting; }
  [[nodiscard]] Duration begun() const { return begun_; }
  // Whether something has answered, be it the wrong one.
  [[nodiscard]] bool has_answer() const;
  // Ends it where it stands; what it has cost so far is known.
  void give_up();
  // Kind, endpoint and DNS are not its business; `elapsed` is.
  [[nodiscard]] const ProbeResult& result() const { return result_; }

 private:
  // Linger: the answer is known; what the server still sends is waited for, or the kernel would
  // refuse each segment of it with one of its own, which nobody counts.
  enum class Stage { connecting, reading, lingering, done };

  void connect(Duration now);
  void send_question(Duration now);
  void read(Duration now);
  void look_at_answer(Duration now);
  void linger(Duration now);
  void expire(Duration now);
  void fail(const SocketFailure& failure, Duration now);
  void finish();

  const ProbeTarget* target_;
  sys::PollSet* set_;
  ProbeSocket socket_;
  Stage stage_ = Stage::connecting;
  Duration begun_;
  Duration connected_{};
  Duration deadline_;
  Duration end_;
  std::string received_;
  bool is_at_end_ = false;  // the server has closed its side
  ProbeResult result_;
};

}  // namespace core::net
