// SPDX-License-Identifier: MIT
#pragma once

// An observer with the real kernel and real probers.

#include <memory>

#include "libcore/base/result.hpp"
#include "libcore/cli/context.hpp"
#include "libcore/net/api_prober.hpp"
#include "libcore/net/socket_prober.hpp"
#include "libcore/sys/child.hpp"
#include "tools/netwatch/kernel.hpp"
#include "tools/netwatch/observer.hpp"

namespace netwatch {

class Lookout {
 public:
  // Both outlive it. Errors: later, where neither the kernel says anything of the network nor
  // anybody is to be asked; io.
  static core::Result<std::unique_ptr<Lookout>> create(core::cli::Context& context,
                                                       core::sys::Children& children,
                                                       Observation observation);

  [[nodiscard]] Observer& observer() { return *observer_; }
  [[nodiscard]] const core::netstate::Monitor& monitor() const { return observer_->monitor(); }

 private:
  Lookout() = default;

  SystemKernel kernel_;
  std::unique_ptr<core::net::SocketProber> basic_;
  std::unique_ptr<core::net::ApiProber> api_;
  std::unique_ptr<Observer> observer_;
};

}  // namespace netwatch
