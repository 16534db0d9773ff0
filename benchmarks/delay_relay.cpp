// SPDX-License-Identifier: MIT
//
// usage: delay_relay DELAY_MS PORT
//
// A distant server made from a near one: takes connections on a free port of 127.0.0.1 and passes
// every byte on to PORT and back, DELAY_MS later in each direction. The first bytes of a connection
// wait for another two delays, as they would for the handshake of TCP. Bandwidth is not limited.
// The first line of output is "listening on http://127.0.0.1:PORT". Runs until it is killed.

#include <array>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <deque>
#include <list>
#include <string>
#include <vector>

#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <arpa/inet.h>
#include <fmt/core.h>
#include <netinet/in.h>
#include <netinet/tcp.h>

namespace {

using Clock = std::chrono::steady_clock;

struct Piece {
  Clock::time_point due;
  std::string bytes;  // empty: the sender has closed
};

// One direction of a connection.
struct Lane {
  int from = -1;
  int to = -1;
  bool open = true;  // more may come
  Clock::time_point not_before{};
  std::deque<Piece> pieces{};
};

struct Pair {
  int near = -1;
  int far = -1;
  std::array<Lane, 2> lanes;

  [[nodiscard]] bool is_over() const {
    return !lanes[0].open && !lanes[1].open && lanes[0].pieces.empty() && lanes[1].pieces.empty();
  }
};

sockaddr_in loopback(int port) {
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  address.sin_port = htons(static_cast<in_port_t>(port));
  return address;
}

void send_at_once(int socket) {
  const int on = 1;
  ::setsockopt(socket, IPPROTO_TCP, TCP_NODELAY, &on, sizeof(on));
}

class Relay {
 public:
  Relay(std::chrono::milliseconds delay, int target) : delay_(delay), target_(target) {}

  // The port, or -1.
  int listen_anywhere() {
    listener_ = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    auto address = loopback(0);
    socklen_t size = sizeof(address);
    auto* plain = reinterpret_cast<sockaddr*>(&address);
    if (::bind(listener_, plain, size) != 0 || ::listen(listener_, 1024) != 0 ||
        ::getsockname(listener_, plain, &size) != 0)
      return -1;
    return ntohs(address.sin_port);
  }

  void run_for_ever() {
    while (true) {
      wait();
      for (auto& pair : pairs_)
        for (auto& lane : pair.lanes)
          deliver(lane);
      pairs_.remove_if([](const Pair& pair) {
        if (!pair.is_over()) return false;
        ::close(pair.near);
        ::close(pair.far);
        return true;
      });
    }
  }

 private:
  // Until something can be read or is due; reads it.
  void wait() {
    std::vector<pollfd> polled{{.fd = listener_, .events = POLLIN, .revents = 0}};
    std::vector<Lane*> readers{nullptr};
    auto due = Clock::now() + std::chrono::seconds{1};
    for (auto& pair : pairs_) {
      for (auto& lane : pair.lanes) {
        if (!lane.pieces.empty()) due = std::min(due, lane.pieces.front().due);
        if (!lane.open) continue;
        polled.push_back({.fd = lane.from, .events = POLLIN, .revents = 0});
        readers.push_back(&lane);
      }
    }
    const auto patience = std::chrono::ceil<std::chrono::milliseconds>(due - Clock::now());
    ::poll(polled.data(), polled.size(), std::max(0, static_cast<int>(patience.count())));
    for (std::size_t i = 1; i < polled.size(); ++i)
      if (polled[i].revents != 0) read_from(*readers[i]);
    if (polled[0].revents != 0) accept_one();
  }

  void accept_one() {
    const int near = ::accept4(listener_, nullptr, nullptr, SOCK_CLOEXEC);
    if (near < 0) return;
    const int far = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    auto address = loopback(target_);
    if (::connect(far, reinterpret_cast<sockaddr*>(&address), sizeof(address)) != 0) {
      ::close(near);
      ::close(far);
      return;
    }
    send_at_once(near);
    send_at_once(far);
    const auto shaken = Clock::now() + 3 * delay_;
    pairs_.push_back({.near = near,
                      .far = far,
                      .lanes = {Lane{.from = near, .to = far, .not_before = shaken},
                                Lane{.from = far, .to = near}}});
  }

  void read_from(Lane& lane) {
    std::array<char, 65536> buffer{};
    const auto got = ::recv(lane.from, buffer.data(), buffer.size(), 0);
    lane.open = got > 0;
    lane.pieces.push_back(
        {.due = std::max(Clock::now() + delay_, lane.not_before),
         .bytes = std::string(buffer.data(), static_cast<std::size_t>(std::max<ssize_t>(got, 0)))});
  }

  // Blocks when the receiver is slow; what is measured here is small.
  static void deliver(Lane& lane) {
    while (!lane.pieces.empty() && lane.pieces.front().due <= Clock::now()) {
      const auto& bytes = lane.pieces.front().bytes;
      if (bytes.empty()) ::shutdown(lane.to, SHUT_WR);
      std::size_t sent = 0;
      while (sent < bytes.size()) {
        const auto count = ::send(lane.to, bytes.data() + sent, bytes.size() - sent, MSG_NOSIGNAL);
        if (count <= 0) break;
        sent += static_cast<std::size_t>(count);
      }
      lane.pieces.pop_front();
    }
  }

  std::chrono::milliseconds delay_;
  int target_;
  int listener_ = -1;
  std::list<Pair> pairs_;  // addresses stay
};

}  // namespace

int main(int argc, char** argv) {
  if (argc != 3) {
    fmt::print(stderr, "usage: delay_relay DELAY_MS PORT\n");
    return 2;
  }
  Relay relay(std::chrono::milliseconds{std::atoi(argv[1])}, std::atoi(argv[2]));
  const int port = relay.listen_anywhere();
  if (port < 0) {
    fmt::print(stderr, "delay_relay: cannot listen\n");
    return 1;
  }
  fmt::print("listening on http://127.0.0.1:{}\n", port);
  std::fflush(stdout);
  relay.run_for_ever();
}
