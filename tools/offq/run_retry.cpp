// SPDX-License-Identifier: MIT
#include "tools/offq/run_retry.hpp"

#include <utility>

#include "tools/offq/change.hpp"
#include "tools/offq/names.hpp"
#include "tools/offq/open_queue.hpp"
#include "tools/offq/pick.hpp"

namespace offq {
namespace {

using core::queue::Entry;
using core::queue::Store;

// A pending operation whose backoff runs becomes due at once. Nothing has to be durable: losing it
// means waiting for the rest of the backoff.
Result<> end_backoff(Context& context, Store& store, Entry entry) {
  TRY(store.files().set_modified(core::queue::path_of(entry.state(), entry.place.file),
                                 context.clock.now()));
  entry.retry_at.reset();
  return store.index().settle(entry);
}

bool waits_for_retry(const Entry& entry) {
  return entry.state() == State::pending && entry.retry_at.has_value();
}

}  // namespace

Result<ExitCode> run_retry(Context& context, const RetryOptions& options) {
  TRY_ASSIGN(Store store, open_to_change(context));
  core::queue::Query conditions;
  conditions.states = {State::failed};
  conditions.types = options.types;
  conditions.reasons = options.reasons;
  TRY_ASSIGN(Picked picked, pick(context, store, options.ids, options.source, conditions));
  for (auto& entry : std::exchange(picked.entries, {})) {
    if (!waits_for_retry(entry)) {
      picked.entries.push_back(std::move(entry));
      continue;
    }
    TRY(end_backoff(context, store, entry));
    print_changed(context, entry.id, options.format, "pending");
  }
  return change(context, store, picked, core::queue::event::RetryRequested{}, options.format);
}

}  // namespace offq
