// SPDX-License-Identifier: MIT
#include "libcore/netstate/ask_network_manager.hpp"

#include <array>
#include <chrono>

#include <fcntl.h>
#include <poll.h>
#include <unistd.h>

#include "libcore/netstate/metered.hpp"
#include "libcore/sys/wait.hpp"

namespace core::netstate {
namespace {

constexpr std::size_t k_longest_answer = 64;
constexpr Duration k_patience = std::chrono::seconds{1};  // the helper has half of that

}  // namespace

bool has_system_bus(const sys::Environment& environment, const sys::Machine& machine) {
  if (environment.value_or_nothing("DBUS_SYSTEM_BUS_ADDRESS")) return true;
  // A socket cannot be read; what the kernel lists of it can.
  const auto sockets = machine.read("/proc/net/unix");
  return sockets && sockets->find("/dbus/system_bus_socket") != std::string::npos;
}

std::optional<NetworkManagerQuestion> NetworkManagerQuestion::ask(sys::Children& children,
                                                                  const std::string& helper,
                                                                  const std::string& interface,
                                                                  Duration now) {
  std::array<int, 2> ends{-1, -1};
  if (::pipe2(ends.data(), O_CLOEXEC) != 0) return std::nullopt;
  sys::Fd from(ends[0]);
  const sys::Fd into(ends[1]);
  sys::Command command{.program = helper, .output = into.get()};
  if (!interface.empty()) command.arguments.push_back(interface);
  const auto child = children.start(command);
  if (!child) return std::nullopt;
  return NetworkManagerQuestion(children, *child, std::move(from), now + k_patience);
}

bool NetworkManagerQuestion::tend(Duration now) {
  const auto ended = children_->ended(child_);
  if (!ended) {
    if (now >= deadline_) {
      children_->signal(child_, sys::Children::Signal::kill);
      deadline_ = now + k_patience;
    }
    return false;
  }
  if (!ended->is_success()) return true;
  // It prints one short line, which is all there by now.
  const auto text = sys::read_up_to(from_.get(), k_longest_answer, "netwatch-metered");
  if (text) answer_ = parse_network_manager(*text);
  return true;
}

void NetworkManagerQuestion::give_up() {
  children_->signal(child_, sys::Children::Signal::kill);
  deadline_ = Duration{0};
}

std::optional<Metered> ask_network_manager(sys::Children& children, const std::string& helper,
                                           const std::string& interface, const sys::Clock& clock) {
  auto question = NetworkManagerQuestion::ask(children, helper, interface, clock.since_boot());
  if (!question) return std::nullopt;
  for (auto now = clock.since_boot(); !question->tend(now); now = clock.since_boot()) {
    const auto ready = sys::wait_for(question->fd(), POLLIN, question->deadline() - now);
    if (ready) continue;
    question->give_up();  // a signal
    return std::nullopt;
  }
  return question->answer();
}

}  // namespace core::netstate
