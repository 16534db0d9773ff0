// SPDX-License-Identifier: MIT
#pragma once

// A network of one's own: a thread in a network namespace where only a loopback is, with a /sys
// that shows it. Programs that the thread starts are in there too. Only root may have one; for
// others the test says why it is left out.

#include <cerrno>
#include <cstdlib>
#include <exception>
#include <fstream>
#include <functional>
#include <string>
#include <system_error>
#include <thread>

#include <sys/mount.h>

#include <doctest/doctest.h>
#include <sched.h>

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

}  // namespace fakes
