// SPDX-License-Identifier: MIT
#include "tools/offq/submit.hpp"

#include <utility>

#include "libcore/queue/directory.hpp"
#include "libcore/sys/signal.hpp"
#include "tools/offq/body.hpp"
#include "tools/offq/draft.hpp"
#include "tools/offq/names.hpp"

namespace offq {

using core::queue::Enqueued;
using core::queue::Limits;

namespace {

// Also after an I/O error: should the operation turn up all the same, it is better given up for
// want of its body than sent, since whoever enqueued it was told that it is not there.
bool needs_no_body(const Result<Enqueued>& entry) {
  return !entry || entry->how == Enqueued::How::kept;
}

}  // namespace

Limits limits_of(const core::config::Config& config) {
  return {.max_size = config.queue.max_size, .max_ops = config.queue.max_ops};
}

Result<Enqueued> submit(Context& context, const SubmitOptions& options,
                        const core::config::Config& config) {
  TRY_ASSIGN(auto draft, make_draft(options, config, context.clock.now()));
  TRY_ASSIGN(Body body, read_body(options, config.queue.max_payload, context));
  return enqueue_draft(context, std::move(draft), std::move(body), options.if_pending, config);
}

Result<Enqueued> enqueue_draft(Context& context, core::codec::Envelope draft, Body body,
                               core::queue::IfPending if_pending,
                               const core::config::Config& config) {
  TRY_ASSIGN(const auto files,
             core::queue::open_directory(context.directory, core::queue::Create::yes, context.clock,
                                         context.random));
  const Limits limits = limits_of(config);
  const auto size = body.kind == BodyKind::upload ? body.expected_size : body.bytes.size();
  if (size > k_inline_limit.value) {
    TRY(core::queue::check_room(*files, {.ops = 1, .bytes = size}, limits));
  }
  if (body.kind == BodyKind::upload) core::sys::catch_interruptions();
  core::queue::NewBlobs blobs(*files, context.clock, context.random);
  core::queue::Enqueuer enqueuer(*files, context.clock, context.random, limits, if_pending);
  auto entry = [&]() -> Result<Enqueued> {
    TRY(attach_body(std::move(body), draft, blobs, context, limits));
    return enqueuer.add(std::move(draft));
  }();
  if (needs_no_body(entry)) {
    [[maybe_unused]] const auto tidied = blobs.take_back();
  }
  return entry;
}

}  // namespace offq
