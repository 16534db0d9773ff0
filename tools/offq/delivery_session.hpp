// SPDX-License-Identifier: MIT
#pragma once

// What `offq sync` and `offq send` both need around a run of delivery: the queue's lock, libcurl,
// the memory of held destinations, secrets, and the settings.

#include <functional>
#include <memory>
#include <optional>
#include <string>

#include "libcore/base/result.hpp"
#include "libcore/cli/context.hpp"
#include "libcore/config/config.hpp"
#include "libcore/delivery/sync_run.hpp"
#include "libcore/queue/store.hpp"
#include "libcore/sys/fd.hpp"

namespace offq {

enum class OnBusy { refuse, wait };

class DeliverySession {
 public:
  // Takes the lock. Errors: later ("another sync is running"), interrupted, and those of opening.
  static core::Result<DeliverySession> open(core::cli::Context& context, core::queue::Store& store,
                                            const core::config::Config& config, OnBusy on_busy);

  // Flags are applied to this before run().
  [[nodiscard]] core::delivery::RunOptions options() const;
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

// The query that `offq sync` sends by: now, and the order and lanes of the configuration.
core::queue::DueQuery due_query(const core::cli::Context& context,
                                const core::config::Config& config);

}  // namespace offq
