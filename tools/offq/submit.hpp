// SPDX-License-Identifier: MIT
#pragma once

// One request into the queue: what `offq enqueue` does, and `offq send` before it delivers.

#include "libcore/cli/context.hpp"
#include "libcore/config/config.hpp"
#include "libcore/queue/enqueue.hpp"
#include "tools/offq/body.hpp"
#include "tools/offq/submit_options.hpp"

namespace offq {

core::queue::Limits limits_of(const core::config::Config& config);

// Durable when it returns. Errors: everything that can be wrong with a request, and with a queue.
core::Result<core::queue::Enqueued> submit(core::cli::Context& context,
                                           const SubmitOptions& options,
                                           const core::config::Config& config);

// The same for a draft that is complete but for its body.
core::Result<core::queue::Enqueued> enqueue_draft(core::cli::Context& context,
                                                  core::codec::Envelope draft, Body body,
                                                  core::queue::IfPending if_pending,
                                                  const core::config::Config& config);

}  // namespace offq
