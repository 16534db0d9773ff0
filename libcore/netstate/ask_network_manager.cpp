// SPDX-License-Identifier: MIT
#include "libcore/netstate/ask_network_manager.hpp"

#include <array>
#include <cerrno>

#include <fcntl.h>
#include <poll.h>
#include <unistd.h>

#include "libcore/base/text.hpp"
#include "libcore/netstate/metered.hpp"
#include "libcore/sys/fd.hpp"
#include "libcore/sys/wait.hpp"

namespace core::netstate {
namespace {

constexpr std::size_t k_longest_answer = 64;

}  // namespace

bool has_system_bus(const sys::Environment& environment, const sys::Machine& machine) {
  if (environment.value_or_nothing("DBUS_SYSTEM_BUS_ADDRESS")) return true;
  // A socket cannot be read; what the kernel lists of it can.
  const auto sockets = machine.read("/proc/net/unix");
  return sockets && sockets->find("/dbus/system_bus_socket") != std::string::npos;
}

std::optional<Metered> ask_network_manager(sys::Children& children, const std::string& helper,
                                           const std::string& interface, Duration longest) {
  std::array<int, 2> ends{-1, -1};
  if (::pipe2(ends.data(), O_CLOEXEC) != 0) return std::nullopt;
  const sys::Fd answer(ends[0]);
  sys::Fd into(ends[1]);
  sys::Command command{.program = helper, .output = into.get()};
  if (!interface.empty()) command.arguments.push_back(interface);
  const auto child = children.start(command);
  if (!child) return std::nullopt;
  into = sys::Fd();
  // It prints one short line, as it ends.
  const auto ended = sys::wait_for(children.fd(*child), POLLIN, longest);
  if (!ended || *ended == sys::Ready::no) {
    children.signal(*child, sys::Children::Signal::kill);
    static_cast<void>(sys::wait_for(children.fd(*child), POLLIN, std::chrono::seconds{1}));
    static_cast<void>(children.ended(*child));
    return std::nullopt;
  }
  const auto end = children.ended(*child);
  if (!end || !end->is_success()) return std::nullopt;
  const auto text = sys::read_up_to(answer.get(), k_longest_answer, helper);
  return text ? parse_network_manager(*text) : std::nullopt;
}

}  // namespace core::netstate
