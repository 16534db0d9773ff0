// SPDX-License-Identifier: MIT
#pragma once

// What `offq sync` and `offq send` both need around a run of delivery: the queue's lock, libcurl,
// the memory of held destinations, secrets, and the settings.

#include <functional>
#include <memory>
#include <optional>
#include <string>

#include "libcore/base/result.hpp"
#include "libcore/base/time.hpp"
#include "libcore/cli/context.hpp"
#include "libcore/config/config.hpp"
#include "libcore/delivery/breaker.hpp"
#include "libcore/delivery/sync_run.hpp"
#include "libcore/queue/store.hpp"
#include "libcore/sys/fd.hpp"

namespace offq {

enum class OnBusy { refuse, wait };

class DeliverySession {
 public:
  // Takes the lock; with OnBusy::wait waits for it, for at most `longest` if that is given. Errors:
  // later ("another sync is running"), interrupted, and those of opening.
  static core::Result<DeliverySession> open(core::cli::Context& context, core::queue::Store& store,
                                            const core::config::Config& config, OnBusy on_busy,
                                            std::optional<core::Duration> longest = {});

  core::Result<core::delivery::Summary> run(core::delivery::RunOptions options,
                                            core::delivery::Observer observer);

 private:
  DeliverySession(core::cli::Context& context, core::queue::Store& store,
                  const core::config::Config& config, core::sys::Fd lock);

  core::cli::Context* context_;
  core::queue::Store* store_;
  const core::config::Config* config_;
  core::sys::Fd lock_;
};

// What the configuration says of a run that begins now; flags are applied to it.
core::delivery::RunOptions configured_run(const core::cli::Context& context,
                                          const core::config::Config& config);

// Which destinations are held; warns when that cannot be remembered. Errors: io.
core::Result<core::delivery::Breakers> open_breakers(core::cli::Context& context,
                                                     core::queue::Store& store);

}  // namespace offq
