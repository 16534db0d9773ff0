// SPDX-License-Identifier: MIT
#pragma once

// What NetworkManager says of metering, by the helper program netwatch-metered, which has D-Bus.

#include <optional>
#include <string>
#include <utility>

#include "libcore/base/time.hpp"
#include "libcore/netstate/state.hpp"
#include "libcore/sys/child.hpp"
#include "libcore/sys/clock.hpp"
#include "libcore/sys/environment.hpp"
#include "libcore/sys/fd.hpp"
#include "libcore/sys/machine.hpp"

namespace core::netstate {

// False: there is no system bus, so nobody needs to be asked.
bool has_system_bus(const sys::Environment& environment, const sys::Machine& machine);

// A question that is under way, for whoever must not wait: tend() it when fd() is readable or
// deadline() has come. `now` is time since boot.
class NetworkManagerQuestion {
 public:
  // About an interface, or (empty) the primary connection. `children` outlives it. nullopt: the
  // helper cannot be run.
  static std::optional<NetworkManagerQuestion> ask(sys::Children& children,
                                                   const std::string& helper,
                                                   const std::string& interface, Duration now);

  // False: it goes on. Takes no longer than a second.
  bool tend(Duration now);
  // Good until tend() says that it is over.
  [[nodiscard]] int fd() const { return children_->fd(child_); }
  [[nodiscard]] Duration deadline() const { return deadline_; }
  // When it is over. nullopt: NetworkManager does not run, or does not know, or said nothing in
  // time.
  [[nodiscard]] std::optional<Metered> answer() const { return answer_; }
  // It is not wanted any more.
  void give_up();

 private:
  NetworkManagerQuestion(sys::Children& children, sys::Children::Id child, sys::Fd from,
                         Duration deadline)
      : children_(&children), child_(child), from_(std::move(from)), deadline_(deadline) {}

  sys::Children* children_;
  sys::Children::Id child_;
  sys::Fd from_;
  Duration deadline_;
  std::optional<Metered> answer_;
};

// The same, and waits for it.
std::optional<Metered> ask_network_manager(sys::Children& children, const std::string& helper,
                                           const std::string& interface, const sys::Clock& clock);

}  // namespace core::netstate
