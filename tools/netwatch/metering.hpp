// SPDX-License-Identifier: MIT
#pragma once

// Whether bytes cost money on the way out, for what is published. What the machine says of an
// interface is looked at once; NetworkManager, where there is a system bus, is asked when the way
// out changes and every ten minutes, for its user may change his mind.

#include <optional>
#include <string>

#include "libcore/base/time.hpp"
#include "libcore/cli/context.hpp"
#include "libcore/config/config.hpp"
#include "libcore/netstate/ask_network_manager.hpp"
#include "libcore/netstate/metered.hpp"
#include "libcore/netstate/monitor.hpp"
#include "libcore/netstate/state.hpp"
#include "libcore/sys/child.hpp"
#include "libcore/sys/machine.hpp"
#include "libcore/sys/poll_set.hpp"

namespace netwatch {

class Metering {
 public:
  // All outlive this. `wakes` becomes readable when an answer has come; null: nobody waits there.
  Metering(core::cli::Context& context, core::sys::Children& children, core::sys::PollSet* wakes)
      : context_(context), children_(children), wakes_(wakes) {}

  // As far as is known now; asks, and does not wait.
  core::netstate::Metered of(const core::config::NetworkConfig& network,
                             const core::netstate::Monitor& monitor);
  // When to look again although nothing wakes.
  [[nodiscard]] std::optional<core::Duration> deadline() const;
  // The same, and waits for what NetworkManager says: a second at most.
  core::netstate::Metered find(const core::config::NetworkConfig& network,
                               const core::netstate::Monitor& monitor);

 private:
  void ask(core::Duration now);
  void take_answer(core::Duration now);

  core::cli::Context& context_;
  core::sys::Children& children_;
  core::sys::PollSet* wakes_;
  core::sys::RealMachine machine_;
  std::string gateway_;
  core::netstate::MeteredEvidence evidence_;
  std::optional<core::netstate::NetworkManagerQuestion> question_;
  std::string asked_about_;  // the interface
  std::optional<core::Duration> asked_;
};

// How the monitor shall look.
core::netstate::Bytes bytes_of(core::netstate::Metered metered);

}  // namespace netwatch
