// SPDX-License-Identifier: MIT
#pragma once

// A network of one's own: a thread in a network namespace where only a loopback is, with a /sys
// that shows it. Programs that the thread starts are in there too. Only root may have one; for
// others the test says why it is left out.

#include <cerrno>
#include <cstdlib>
#include <exception>
#include <functional>
#include <string>
#include <system_error>
#include <thread>

#include <sys/mount.h>

#include <doctest/doctest.h>
#include <sched.h>

#include "libcore/sys/fd.hpp"

namespace fakes {

// Several shell commands; the first that fails ends them.
inline void shell(const std::string& commands) {
  const int status = std::system(("set -e\n" + commands).c_str());
  REQUIRE_MESSAGE(status == 0, commands);
}

namespace detail {

inline bool enter_namespace() {
  if (::unshare(CLONE_NEWNET | CLONE_NEWNS) != 0) return false;
  if (::mount(nullptr, "/", nullptr, MS_PRIVATE | MS_REC, nullptr) != 0) return false;
  if (::mount("sysfs", "/sys", "sysfs", 0, nullptr) != 0) return false;
  shell("ip link set lo up");
  return true;
}

}  // namespace detail

inline void in_own_network(const std::function<void()>& body) {
  std::exception_ptr failure;
  std::string why_not;
  std::thread thread([&] {
    try {
      if (detail::enter_namespace()) return body();
      why_not = std::generic_category().message(errno);
    } catch (...) {
      failure = std::current_exception();
    }
  });
  thread.join();
  if (failure) std::rethrow_exception(failure);
  if (!why_not.empty()) MESSAGE("left out: no network namespace: ", why_not);
}

// v0 with 10.9.0.1/24 and its other end v1, both up, and a default route over it.
inline void add_way_out() {
  shell(
      "ip link add v0 type veth peer name v1\n"
      "ip addr add 10.9.0.1/24 dev v0\n"
      "ip link set v0 up\n"
      "ip link set v1 up\n"
      "ip route add default via 10.9.0.2\n");
}

// The world behind that way out: a network of its own, where v1 is 10.9.0.2 and 2001:db8:9::2, and
// which has the addresses 198.51.100.1, 198.51.100.2 and 2001:db8:1::1 of servers. Nothing but IP
// passes between the two: neighbours know each other.
class Outside {
 public:
  Outside() : near_(open_namespace()) {
    REQUIRE(::unshare(CLONE_NEWNET) == 0);
    far_ = open_namespace();
    shell("ip link set lo up");
    enter(near_);
    add_way_out();
    shell("ip link set v1 netns /proc/" + std::to_string(::getpid()) + "/fd/" +
          std::to_string(far_.get()) +
          "\n"
          "ip link set v0 address 02:00:00:00:00:01 addrgenmode none\n"
          "ip addr add 2001:db8:9::1/64 dev v0 nodad\n"
          "ip -6 route add default via 2001:db8:9::2\n"
          "ip neigh replace 10.9.0.2 lladdr 02:00:00:00:00:02 dev v0 nud permanent\n"
          "ip neigh replace 2001:db8:9::2 lladdr 02:00:00:00:00:02 dev v0 nud permanent\n");
    there(
        "ip link set v1 address 02:00:00:00:00:02 addrgenmode none up\n"
        "ip addr add 10.9.0.2/24 dev v1\n"
        "ip addr add 2001:db8:9::2/64 dev v1 nodad\n"
        "ip addr add 198.51.100.1/32 dev lo\n"
        "ip addr add 198.51.100.2/32 dev lo\n"
        "ip addr add 2001:db8:1::1/128 dev lo nodad\n"
        "ip neigh replace 10.9.0.1 lladdr 02:00:00:00:00:01 dev v1 nud permanent\n"
        "ip neigh replace 2001:db8:9::1 lladdr 02:00:00:00:00:01 dev v1 nud permanent\n");
    wait_for_link("v0");
    there([] { wait_for_link("v1"); });
  }
  Outside(const Outside&) = delete;
  Outside& operator=(const Outside&) = delete;
  ~Outside() = default;

  // What is made there (a socket, a server) stays there.
  template <typename Make>
  auto there(Make make) const -> decltype(make()) {
    const Stay stay(*this);
    return make();
  }
  void there(const std::string& commands) const {
    const Stay stay(*this);
    shell(commands);
  }

 private:
  class Stay {
   public:
    explicit Stay(const Outside& outside) : outside_(outside) { enter(outside_.far_); }
    Stay(const Stay&) = delete;
    Stay& operator=(const Stay&) = delete;
    ~Stay() { enter(outside_.near_); }

   private:
    const Outside& outside_;
  };

  // The kernel drops packets until it has come round to a new carrier, which takes up to a second
  // when other links of the machine change as well.
  static void wait_for_link(const std::string& name) {
    shell("timeout 20 sh -c 'until ip -o link show dev " + name +
          " | grep -q \"state UP\"; do :; done'");
  }

  static core::sys::Fd open_namespace() {
    return core::sys::Fd(::open("/proc/thread-self/ns/net", O_RDONLY | O_CLOEXEC));
  }
  static void enter(const core::sys::Fd& space) {
    if (::setns(space.get(), CLONE_NEWNET) != 0) std::abort();
  }

  core::sys::Fd near_;
  core::sys::Fd far_;
};

}  // namespace fakes
