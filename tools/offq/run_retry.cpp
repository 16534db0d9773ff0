// SPDX-License-Identifier: MIT
#include "tools/offq/run_retry.hpp"

#include <algorithm>
#include <map>
#include <string>
#include <utility>
#include <vector>

#include <fmt/core.h>

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

using KeyOfType = std::pair<std::string, std::string>;

KeyOfType key_of(const Entry& entry) {
  return {entry.type, entry.key};
}

bool is_failed_with_key(const Entry& entry) {
  return entry.state() == State::failed && !entry.key.empty();
}

// Of each key that one of `entries` failed with: the newest operation that is, or will be, pending.
Result<std::map<KeyOfType, core::OperationId>> newest_of_keys(Store& store,
                                                              const std::vector<Entry>& entries) {
  std::map<KeyOfType, core::OperationId> newest;
  for (const auto& entry : entries) {
    if (!is_failed_with_key(entry)) continue;
    auto& id = newest[key_of(entry)];
    id = std::max(id, entry.id);
  }
  if (newest.empty()) return newest;
  core::queue::Query pending{.states = {State::pending}};
  // All that are pending are read once instead of asking for very many keys.
  constexpr std::size_t k_keys_asked = 500;
  if (newest.size() <= k_keys_asked) {
    for (const auto& [key, id] : newest)
      pending.keys.push_back(key.second);
  }
  TRY(store.index().select(pending, [&](const Entry& entry) -> Result<> {
    const auto found = newest.find(key_of(entry));
    if (found != newest.end()) found->second = std::max(found->second, entry.id);
    return {};
  }));
  return newest;
}

// Of two pending operations of one key the older one is given up as replaced: to retry it would be
// to fail it again.
Result<> refuse_replaced(Context& context, Store& store, Picked& picked) {
  TRY_ASSIGN(const auto newest, newest_of_keys(store, picked.entries));
  std::erase_if(picked.entries, [&](const Entry& entry) {
    if (!is_failed_with_key(entry)) return false;
    const auto& by = newest.at(key_of(entry));
    if (by == entry.id) return false;
    context.complain({.code = Errc::usage,
                      .message = fmt::format("{}: {} is newer, has the key '{}' too, and is "
                                             "pending: it would be replaced at once",
                                             entry.id.text(), by.text(), entry.key)});
    if (picked.code == ExitCode::ok) picked.code = ExitCode::no;
    return true;
  });
  return {};
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
  TRY(refuse_replaced(context, store, picked));
  return change(context, store, picked, core::queue::event::RetryRequested{}, options.format);
}

}  // namespace offq
