// SPDX-License-Identifier: MIT
#include "tools/offq/pick.hpp"

#include <algorithm>
#include <set>
#include <utility>

#include "libcore/cli/input.hpp"
#include "tools/offq/names.hpp"
#include "tools/offq/open_queue.hpp"

namespace offq {
namespace {

using core::queue::Entry;
using core::queue::Query;
using core::queue::Store;

template <typename T>
bool is_among(const std::vector<T>& wanted, const T& value) {
  return wanted.empty() || std::ranges::find(wanted, value) != wanted.end();
}

bool meets(const Entry& entry, const Query& conditions) {
  return is_among(conditions.types, entry.type) && is_among(conditions.lanes, entry.lane) &&
         is_among(conditions.keys, entry.key) && is_among(conditions.reasons, entry.reason);
}

Result<std::vector<std::string>> words_of(Context& context, const std::vector<std::string>& ids,
                                          IdSource source) {
  std::vector<std::string> words;
  std::ranges::copy_if(ids, std::back_inserter(words),
                       [](const std::string& id) { return id != "-"; });
  if (reads_stdin(ids, source)) {
    TRY_ASSIGN(auto more, core::cli::read_words(context.in));
    std::ranges::move(more, std::back_inserter(words));
  }
  return words;
}

Result<Picked> pick_named(Context& context, Store& store, const std::vector<std::string>& words,
                          const Query& conditions) {
  Picked picked;
  std::set<core::OperationId> seen;
  for (const auto& word : words) {
    auto entry = store.resolve(word);
    if (entry) {
      if (meets(*entry, conditions) && seen.insert(entry->id).second) {
        picked.entries.push_back(*std::move(entry));
      }
      continue;
    }
    const Errc code = entry.error().code;
    if (code != Errc::not_found && code != Errc::usage) {
      return tl::unexpected<core::Error>(std::move(entry).error());
    }
    context.complain(entry.error());
    picked.code = core::cli::exit_code(code);
  }
  return picked;
}

}  // namespace

Result<Picked> pick(Context& context, Store& store, const std::vector<std::string>& ids,
                    IdSource source, const Query& conditions) {
  TRY_ASSIGN(const auto words, words_of(context, ids, source));
  if (!ids.empty() || reads_stdin(ids, source)) {
    return pick_named(context, store, words, conditions);
  }
  Picked picked;
  TRY(store.index().select(conditions, [&](const Entry& entry) -> Result<> {
    picked.entries.push_back(entry);
    return {};
  }));
  return picked;
}

}  // namespace offq
