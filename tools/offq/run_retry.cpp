// SPDX-License-Identifier: MIT
#include "tools/offq/run_retry.hpp"

#include <algorithm>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <fmt/core.h>

#include "libcore/codec/receipt.hpp"
#include "libcore/queue/keys.hpp"
#include "libcore/queue/layout.hpp"
#include "libcore/queue/operation.hpp"
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

struct Newest {
  core::OperationId id;
  // Of one that is to be retried now: pending. nullopt: it is in no folder.
  std::optional<State> state;
};
using NewestOfKeys = std::map<KeyOfType, Newest>;

Result<> look_into_index(Store& store, NewestOfKeys& newest) {
  core::queue::Query query;
  // All that there are are read once instead of asking for very many keys.
  constexpr std::size_t k_keys_asked = 500;
  if (newest.size() <= k_keys_asked) {
    for (const auto& [key, found] : newest)
      query.keys.push_back(key.second);
  }
  return store.index().select(query, [&](const Entry& entry) -> Result<> {
    const auto found = newest.find(key_of(entry));
    if (found != newest.end() && found->second.id < entry.id) {
      found->second = {.id = entry.id, .state = entry.state()};
    }
    return {};
  });
}

// What is in no folder any more was delivered and pruned, as far as anybody knows, unless somebody
// has deleted it.
Result<> look_at_pointers(Store& store, NewestOfKeys& newest) {
  for (auto& [key, found] : newest) {
    TRY_ASSIGN(const auto id, core::queue::newest_of_key(store.files(), key.first, key.second));
    if (!id || *id <= found.id) continue;
    TRY_ASSIGN(const auto receipt, store.index().last_receipt(*id));
    if (receipt && receipt->outcome == core::codec::Outcome::deleted) continue;
    found = {.id = *id, .state = {}};
  }
  return {};
}

// Of each key that one of `entries` failed with: the newest operation that there ever was.
Result<NewestOfKeys> newest_of_keys(Store& store, const std::vector<Entry>& entries) {
  NewestOfKeys newest;
  for (const auto& entry : entries) {
    if (!is_failed_with_key(entry)) continue;
    auto& found = newest[key_of(entry)];
    found = {.id = std::max(found.id, entry.id), .state = State::pending};
  }
  if (newest.empty()) return newest;
  TRY(look_into_index(store, newest));
  TRY(look_at_pointers(store, newest));
  return newest;
}

std::string_view objection_of(const std::optional<State>& state) {
  if (!state) return "is gone: it may have been delivered, and this would come after it";
  switch (*state) {
    case State::pending:
      return "is pending: it would be replaced at once";
    case State::synced:
      return "was delivered: this would come after it";
    case State::failed:
      break;
  }
  return "failed: retry that one, or delete it first";
}

// A key's older value must not come after a newer one, and of two that are pending the older one is
// given up as replaced.
Result<> refuse_outdated(Context& context, Store& store, Picked& picked) {
  TRY_ASSIGN(const auto newest, newest_of_keys(store, picked.entries));
  std::erase_if(picked.entries, [&](const Entry& entry) {
    if (!is_failed_with_key(entry)) return false;
    const auto& by = newest.at(key_of(entry));
    if (by.id == entry.id) return false;
    context.complain(
        {.code = Errc::usage,
         .message = fmt::format("{}: {} is newer, has the key '{}' too, and {}", entry.id.text(),
                                by.id.text(), entry.key, objection_of(by.state))});
    if (picked.code == ExitCode::ok) picked.code = ExitCode::no;
    return true;
  });
  return {};
}

// What was given up for its body would only be given up again.
Result<> refuse_bodiless(Context& context, Store& store, Picked& picked) {
  for (auto& entry : std::exchange(picked.entries, {})) {
    const auto envelope = core::queue::load_operation(store.files(), entry);
    const auto* blob = envelope && envelope->blob ? &*envelope->blob : nullptr;
    const std::string path = blob != nullptr ? core::queue::blob_path(blob->sha256) : "";
    if (blob != nullptr) {
      TRY_ASSIGN(const auto status, store.files().status(path));
      if (!status || status->size != blob->size) {
        context.complain(
            {.code = Errc::corrupt,
             .message = fmt::format("{}: its body {} is missing or damaged: put it back first",
                                    entry.id.text(), path)});
        if (picked.code == ExitCode::ok) picked.code = ExitCode::no;
        continue;
      }
    }
    picked.entries.push_back(std::move(entry));
  }
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
  TRY(refuse_outdated(context, store, picked));
  TRY(refuse_bodiless(context, store, picked));
  return change(context, store, picked, core::queue::event::RetryRequested{}, options.format);
}

}  // namespace offq
