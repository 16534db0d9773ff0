// SPDX-License-Identifier: MIT
//
// usage: netlab_relay NAMESPACE INTERFACE NAMESPACE INTERFACE
//
// A long cable between two network namespaces, with faults: makes a TUN interface in each, and
// passes every packet that one is given on to the other. Says "ready" when both are there. Lines on
// standard input set what happens on the way, each answered by "ok" or "what?":
//
//   delay MS [PORT]   each way; with PORT only packets from or to that port
//   jitter MS         up to so much more, in order
//   loss PERCENT      of packets, at random, the same each time the relay runs
//   duplicate PERCENT
//   rate KBIT         each way; what does not fit within a second's queue is dropped
//   blackhole on|off  nothing arrives
//   clear             no faults
//
// Runs until standard input ends.

#include <algorithm>
#include <array>
#include <chrono>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <deque>
#include <iterator>
#include <optional>
#include <random>
#include <sstream>
#include <string>

#include <fcntl.h>
#include <poll.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include <linux/if_tun.h>
#include <net/if.h>
#include <sched.h>

namespace {

using Clock = std::chrono::steady_clock;
using std::chrono::milliseconds;

struct Faults {
  milliseconds delay{0};
  int delayed_port = 0;  // 0: all
  milliseconds jitter{0};
  int loss = 0;  // percent
  int duplicate = 0;
  long kilobits = 0;  // 0: no limit
  bool is_black_hole = false;
};

struct Packet {
  Clock::time_point due;
  std::string bytes;
};

// The offset of the ports, for TCP and UDP without extension headers.
std::optional<std::size_t> ports_at(const std::string& packet) {
  if (packet.size() < 20) return std::nullopt;
  const auto first = static_cast<unsigned char>(packet[0]);
  const bool is_v6 = first >> 4U == 6;
  const std::size_t at = is_v6 ? 40 : static_cast<std::size_t>(first & 0xFU) * 4;
  const int protocol = static_cast<unsigned char>(packet[is_v6 ? 6 : 9]);
  if ((protocol != 6 && protocol != 17) || packet.size() < at + 4) return std::nullopt;
  return at;
}

bool is_about(const std::string& packet, int port) {
  const auto at = ports_at(packet);
  if (!at) return false;
  const auto number = [&](std::size_t i) {
    return static_cast<unsigned char>(packet[i]) << 8 | static_cast<unsigned char>(packet[i + 1]);
  };
  return number(*at) == port || number(*at + 2) == port;
}

// One direction.
class Lane {
 public:
  Lane(int from, int to) : from_(from), to_(to) {}

  void take(const Faults& faults, std::mt19937& random) {
    std::array<char, 65536> buffer{};
    for (;;) {
      const auto size = ::read(from_, buffer.data(), buffer.size());
      if (size <= 0) return;
      const std::string packet(buffer.data(), static_cast<std::size_t>(size));
      const auto happens = [&](int percent) {
        return percent > 0 && static_cast<int>(random() % 100) < percent;
      };
      if (faults.is_black_hole || happens(faults.loss)) continue;
      put(packet, faults, random);
      if (happens(faults.duplicate)) put(packet, faults, random);
    }
  }

  void deliver() {
    while (!queue_.empty() && queue_.front().due <= Clock::now()) {
      // A packet that the other side will not take is lost, as it would be on a wire.
      static_cast<void>(::write(to_, queue_.front().bytes.data(), queue_.front().bytes.size()));
      queue_.pop_front();
    }
  }

  [[nodiscard]] std::optional<Clock::time_point> due() const {
    return queue_.empty() ? std::nullopt : std::optional(queue_.front().due);
  }
  [[nodiscard]] int from() const { return from_; }
  void clear() { queue_.clear(); }

 private:
  void put(const std::string& packet, const Faults& faults, std::mt19937& random) {
    const auto now = Clock::now();
    auto due = now;
    if (faults.kilobits > 0) {
      constexpr auto k_longest_queue = std::chrono::seconds{1};
      const auto takes =
          std::chrono::microseconds{static_cast<long>(packet.size()) * 8000 / faults.kilobits};
      if (wire_free_ - now > k_longest_queue) return;
      wire_free_ = std::max(wire_free_, now) + takes;
      due = wire_free_;
    }
    if (faults.delayed_port == 0 || is_about(packet, faults.delayed_port)) due += faults.delay;
    if (faults.jitter.count() > 0) {
      due += milliseconds{
          static_cast<long>(random() % static_cast<unsigned long>(faults.jitter.count() + 1))};
    }
    // In order among those that are delayed alike.
    auto at = queue_.end();
    while (faults.delayed_port != 0 && at != queue_.begin() && std::prev(at)->due > due)
      --at;
    if (faults.delayed_port == 0 && !queue_.empty()) due = std::max(due, queue_.back().due);
    queue_.insert(at, {.due = due, .bytes = packet});
  }

  int from_;
  int to_;
  Clock::time_point wire_free_{};
  std::deque<Packet> queue_;
};

// In the namespace of that name; this process stays where it is.
int open_tun(const char* space, const char* interface) {
  const int here = ::open("/proc/self/ns/net", O_RDONLY | O_CLOEXEC);
  const int there = ::open((std::string("/run/netns/") + space).c_str(), O_RDONLY | O_CLOEXEC);
  if (here < 0 || there < 0 || ::setns(there, CLONE_NEWNET) != 0) return -1;
  const int tun = ::open("/dev/net/tun", O_RDWR | O_CLOEXEC | O_NONBLOCK);
  ifreq request{};
  request.ifr_flags = IFF_TUN | IFF_NO_PI;
  std::strncpy(request.ifr_name, interface, IFNAMSIZ - 1);
  const bool is_made = tun >= 0 && ::ioctl(tun, TUNSETIFF, &request) == 0;
  const bool is_back = ::setns(here, CLONE_NEWNET) == 0;
  ::close(here);
  ::close(there);
  return is_made && is_back ? tun : -1;
}

bool obey(const std::string& line, Faults& faults, std::array<Lane, 2>& lanes) {
  std::istringstream words(line);
  std::string verb;
  std::string value;
  words >> verb >> value;
  const long number = std::strtol(value.c_str(), nullptr, 10);
  if (verb == "clear") {
    faults = {};
    for (auto& lane : lanes)
      lane.clear();
  } else if (verb == "delay") {
    faults.delay = milliseconds{number};
    faults.delayed_port = 0;
    words >> faults.delayed_port;
  } else if (verb == "jitter") {
    faults.jitter = milliseconds{number};
  } else if (verb == "loss") {
    faults.loss = static_cast<int>(number);
  } else if (verb == "duplicate") {
    faults.duplicate = static_cast<int>(number);
  } else if (verb == "rate") {
    faults.kilobits = number;
  } else if (verb == "blackhole") {
    faults.is_black_hole = value == "on";
  } else {
    return false;
  }
  return true;
}

// Returns when standard input has ended.
void run(std::array<Lane, 2>& lanes) {
  Faults faults;
  std::mt19937 random(1);
  std::string input;
  for (;;) {
    std::array<pollfd, 3> polled{pollfd{.fd = lanes[0].from(), .events = POLLIN, .revents = 0},
                                 pollfd{.fd = lanes[1].from(), .events = POLLIN, .revents = 0},
                                 pollfd{.fd = STDIN_FILENO, .events = POLLIN, .revents = 0}};
    std::optional<Clock::time_point> due;
    for (const auto& lane : lanes)
      if (lane.due()) due = std::min(due.value_or(*lane.due()), *lane.due());
    timespec patience{};
    if (due) {
      const auto left = std::max(*due - Clock::now(), Clock::duration{0});
      patience.tv_sec = std::chrono::duration_cast<std::chrono::seconds>(left).count();
      patience.tv_nsec = std::chrono::nanoseconds(left % std::chrono::seconds{1}).count();
    }
    ::ppoll(polled.data(), polled.size(), due ? &patience : nullptr, nullptr);
    for (std::size_t i = 0; i < lanes.size(); ++i) {
      if (polled[i].revents != 0) lanes[i].take(faults, random);
      lanes[i].deliver();
    }
    if (polled[2].revents == 0) continue;
    std::array<char, 1024> buffer{};
    const auto size = ::read(STDIN_FILENO, buffer.data(), buffer.size());
    if (size <= 0) return;
    input.append(buffer.data(), static_cast<std::size_t>(size));
    for (auto end = input.find('\n'); end != std::string::npos; end = input.find('\n')) {
      std::puts(obey(input.substr(0, end), faults, lanes) ? "ok" : "what?");
      std::fflush(stdout);
      input.erase(0, end + 1);
    }
  }
}

}  // namespace

int main(int argc, char** argv) {
  if (argc != 5) {
    std::fputs("usage: netlab_relay NAMESPACE INTERFACE NAMESPACE INTERFACE\n", stderr);
    return 2;
  }
  const int near = open_tun(argv[1], argv[2]);
  const int far = open_tun(argv[3], argv[4]);
  if (near < 0 || far < 0) {
    std::perror("netlab_relay");
    return 1;
  }
  std::array<Lane, 2> lanes{Lane(near, far), Lane(far, near)};
  std::puts("ready");
  std::fflush(stdout);
  run(lanes);
}
