// SPDX-License-Identifier: MIT
//
// usage: time_network ROUNDS PAUSE FILE DOWN UP WAITER [ARG...]
//
// How soon the network's changes are told of. In the network namespace that is changed: has ip(8)
// do DOWN ("link set c0 down"), and measures until the kernel tells of it (netlink), until the
// first word of FILE is "disconnected", and from then on until WAITER, a program that waits for
// that, has ended; then does UP, commands with ';' between them, and measures until the word is
// "connected". So ROUNDS times, with PAUSE milliseconds before each change. Prints for each of
// event, down, wait and up: median, minimum, maximum and the 99th percentile, in microseconds,
// separated by tabs.

#include <algorithm>
#include <array>
#include <cstdio>
#include <cstdlib>
#include <fstream>
#include <string>
#include <string_view>
#include <vector>

#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <spawn.h>
#include <sys/inotify.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <fmt/core.h>
#include <linux/netlink.h>
#include <linux/rtnetlink.h>
#include <time.h>

namespace {

constexpr int k_patience_ms = 30'000;

long now_microseconds() {
  timespec now{};
  ::clock_gettime(CLOCK_MONOTONIC, &now);
  return now.tv_sec * 1'000'000 + now.tv_nsec / 1000;
}

[[noreturn]] void die(std::string_view why) {
  fmt::print(stderr, "time_network: {}\n", why);
  std::exit(1);
}

void drain(int fd) {
  std::array<char, 65536> buffer{};
  while (::read(fd, buffer.data(), buffer.size()) > 0) {
  }
}

int netlink_events() {
  const int fd = ::socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC | SOCK_NONBLOCK, NETLINK_ROUTE);
  sockaddr_nl address{};
  address.nl_family = AF_NETLINK;
  address.nl_groups =
      RTMGRP_LINK | RTMGRP_IPV4_IFADDR | RTMGRP_IPV6_IFADDR | RTMGRP_IPV4_ROUTE | RTMGRP_IPV6_ROUTE;
  if (::bind(fd, reinterpret_cast<sockaddr*>(&address), sizeof address) != 0) die("no netlink");
  return fd;
}

// ip(8), which does what is written to it.
FILE* start_ip() {
  FILE* ip = ::popen("ip -force -batch - >/dev/null 2>&1", "we");
  if (ip == nullptr) die("cannot run ip");
  return ip;
}

void tell(FILE* ip, std::string commands) {
  std::replace(commands.begin(), commands.end(), ';', '\n');
  fmt::print(ip, "{}\n", commands);
  std::fflush(ip);
}

bool is_state(const std::string& file, std::string_view word) {
  std::ifstream stream(file);
  std::string first;
  stream >> first;
  return first == word;
}

struct Waiter {
  pid_t process = 0;
  int end = -1;
};

Waiter start_waiter(char** command) {
  Waiter waiter;
  if (::posix_spawnp(&waiter.process, command[0], nullptr, nullptr, command, environ) != 0) {
    die("cannot run the waiter");
  }
  waiter.end = static_cast<int>(::syscall(SYS_pidfd_open, waiter.process, 0));
  return waiter;
}

struct Times {
  std::vector<long> event{};
  std::vector<long> down{};
  std::vector<long> wait{};
  std::vector<long> up{};
};

class Measurement {
 public:
  explicit Measurement(std::string file) : file_(std::move(file)), events_(netlink_events()) {
    changes_ = ::inotify_init1(IN_CLOEXEC | IN_NONBLOCK);
    const auto directory = file_.substr(0, file_.rfind('/'));
    if (::inotify_add_watch(changes_, directory.c_str(), IN_MOVED_TO) < 0) die("no such directory");
  }

  void go_down(const std::string& command, const Waiter& waiter, Times& times) {
    const long begin = start(command);
    long event = 0;
    long state = 0;
    long woken = 0;
    while (state == 0 || woken == 0) {
      std::array<pollfd, 3> polled{
          pollfd{.fd = event == 0 ? events_ : -1, .events = POLLIN, .revents = 0},
          pollfd{.fd = state == 0 ? changes_ : -1, .events = POLLIN, .revents = 0},
          pollfd{.fd = woken == 0 ? waiter.end : -1, .events = POLLIN, .revents = 0}};
      if (::poll(polled.data(), polled.size(), k_patience_ms) <= 0) die("nobody tells of it");
      const long now = now_microseconds();
      if (polled[0].revents != 0) event = now;
      if (polled[2].revents != 0) woken = now;
      if (polled[1].revents == 0) continue;
      drain(changes_);
      if (is_state(file_, "disconnected")) state = now;
    }
    times.event.push_back(event - begin);
    times.down.push_back(state - begin);
    times.wait.push_back(std::max(0L, woken - state));
  }

  void go_up(const std::string& commands, Times& times) {
    const long begin = start(commands);
    while (!is_state(file_, "connected")) {
      pollfd polled{.fd = changes_, .events = POLLIN, .revents = 0};
      if (::poll(&polled, 1, k_patience_ms) <= 0) die("it does not become connected again");
      drain(changes_);
    }
    times.up.push_back(now_microseconds() - begin);
  }

 private:
  long start(const std::string& commands) {
    drain(events_);
    drain(changes_);
    const long begin = now_microseconds();
    tell(ip_, commands);
    return begin;
  }

  std::string file_;
  int events_;
  int changes_ = -1;
  FILE* ip_ = start_ip();
};

void report(const char* name, std::vector<long>& times) {
  std::sort(times.begin(), times.end());
  fmt::print("{}\t{}\t{}\t{}\t{}\n", name, times[times.size() / 2], times.front(), times.back(),
             times[(times.size() * 99 - 1) / 100]);
}

void pause(int milliseconds) {
  ::poll(nullptr, 0, milliseconds);
}

}  // namespace

int main(int argc, char** argv) {
  const int rounds = argc > 6 ? std::atoi(argv[1]) : 0;
  if (rounds < 1) {
    fmt::print(stderr, "usage: time_network ROUNDS PAUSE FILE DOWN UP WAITER [ARG...]\n");
    return 2;
  }
  const int between = std::atoi(argv[2]);
  Measurement measurement(argv[3]);
  Times times;
  for (int i = 0; i < rounds; ++i) {
    const auto waiter = start_waiter(argv + 6);
    pause(between);
    measurement.go_down(argv[4], waiter, times);
    ::waitpid(waiter.process, nullptr, 0);
    ::close(waiter.end);
    pause(between);
    measurement.go_up(argv[5], times);
  }
  report("event", times.event);
  report("down", times.down);
  report("wait", times.wait);
  report("up", times.up);
}
