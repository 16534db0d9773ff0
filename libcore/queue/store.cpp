// SPDX-License-Identifier: MIT
#include "libcore/queue/store.hpp"

#include <algorithm>
#include <utility>

#include <fmt/core.h>

#include "libcore/queue/keys.hpp"
#include "libcore/queue/layout.hpp"
#include "libcore/queue/usage.hpp"

namespace core::queue {
namespace {

constexpr std::size_t k_group = 256;
constexpr std::uint64_t k_named_candidates = 4;

Result<> remove_index(sys::Files& files) {
  for (const char* suffix : {"", "-wal", "-shm"})
    TRY(files.remove(std::string(path::k_index) + suffix));
  return {};
}

// Before it is pending again: after a crash nobody would know that its key still has to be claimed.
Result<> claim_for(sys::Files& files, const Settlement& settlement) {
  const auto& [entry, transition, receipt] = settlement;
  const bool comes_back = transition.to == State::pending && entry.state() != State::pending;
  if (!comes_back || entry.key.empty()) return {};
  return claim_key(files, entry.type, entry.key, entry.id);
}

// Somebody wants an end, and the index is as sound as before.
bool is_end(const Error& error) {
  return error.code == Errc::interrupted || error.code == Errc::terminated;
}

}  // namespace

Result<Store> Store::open(const std::string& directory, Create create, const sys::Clock& clock,
                          sys::Random& random, Terms terms) {
  TRY_ASSIGN(auto files, open_directory(directory, create, clock, random, terms.purpose));
  return open(std::move(files), clock, std::move(terms));
}

Result<Store> Store::open(std::unique_ptr<sys::Files> files, const sys::Clock& clock, Terms terms) {
  const auto patience = terms.patience;
  Store store(std::move(files), clock, std::move(terms));
  TRY(store.open_index(patience));
  keep_reserve(store.files());
  return store;
}

Result<> Store::open_disk_index(std::chrono::milliseconds patience) {
  const std::string path = files_->root() + "/" + path::k_index;
  TRY_ASSIGN(auto index, Index::open(path, patience));
  index_ = std::make_unique<Index>(std::move(index));
  return recover_index(Effects::all);
}

Result<> Store::recover_index(Effects effects) {
  TRY_ASSIGN(recovered_, recover(*files_, *index_, *clock_, effects, may_go_on_));
  return {};
}

Result<> Store::open_index(std::chrono::milliseconds patience) {
  auto opened = open_disk_index(patience);
  if (!opened && opened.error().code == Errc::corrupt) {
    index_.reset();
    notice_ = "the index was damaged and has been made again";
    TRY(remove_index(*files_));
    opened = open_disk_index(patience);
    if (opened) index_is_ = IndexIs::mended;
  }
  if (!opened && opened.error().code == Errc::full && purpose_ == Purpose::change) {
    index_.reset();
    release_reserve(*files_);
    opened = open_disk_index(patience);
  }
  if (!opened && is_end(opened.error())) index_.reset();
  if (opened || is_end(opened.error())) return opened;
  // Everything the index says can be read from the files, only more slowly.
  notice_ = opened.error().message + ": going on without it";
  return open_memory_index();
}

// A full disk may have room again before those who change something need it.
bool Store::cannot_write(Errc code) const {
  return code == Errc::denied || (code == Errc::full && purpose_ == Purpose::look);
}

Result<> Store::open_memory_index() {
  index_.reset();
  index_is_ = IndexIs::in_memory;
  TRY_ASSIGN(auto index, Index::open_in_memory());
  index_ = std::make_unique<Index>(std::move(index));
  auto recovered = recover_index(Effects::all);
  if (!recovered && cannot_write(recovered.error().code)) {
    effects_ = Effects::none;
    notice_ = "the queue cannot be written, and is shown as it is: " + recovered.error().message;
    recovered = recover_index(effects_);
  }
  return recovered;
}

Result<bool> Store::leave_memory_index(std::chrono::milliseconds patience) {
  if (index_is_ != IndexIs::in_memory) return true;
  auto in_memory = std::move(index_);
  auto opened = open_disk_index(patience);
  if (!opened && opened.error().code == Errc::corrupt) {
    index_.reset();
    TRY(remove_index(*files_));
    opened = open_disk_index(patience);
  }
  if (!opened) {
    index_ = std::move(in_memory);
    if (is_end(opened.error())) return tl::unexpected(std::move(opened).error());
    return false;
  }
  index_is_ = IndexIs::sound;
  notice_.clear();
  return true;
}

Result<> Store::rebuild_index() {
  index_.reset();
  index_is_ = IndexIs::sound;
  notice_.clear();
  TRY(remove_index(*files_));
  return open_index(k_patience);
}

Result<> Store::reopen_index(std::chrono::milliseconds patience) {
  index_.reset();
  index_is_ = IndexIs::sound;
  notice_.clear();
  return open_index(patience);
}

Result<> Store::refresh() {
  return recover_index(effects_);
}

Result<bool> Store::take_in(std::span<const std::string> names) {
  TRY_ASSIGN(auto taken, queue::take_in(*files_, *index_, *clock_, names, may_go_on_));
  recovered_ = std::move(taken.recovered);
  return taken.is_news;
}

Result<Entry> Store::resolve(const std::string& typed) {
  TRY_ASSIGN(const std::string fragment, parse_id_fragment(typed));
  Query query;
  query.id_fragments = {fragment};
  query.limit = k_named_candidates;
  std::vector<Entry> found;
  TRY(index_->select(query, [&](const Entry& entry) -> Result<> {
    found.push_back(entry);
    return {};
  }));
  if (found.empty()) return fail(Errc::not_found, fmt::format("no such operation: {}", typed));
  // A batch's stem is the prefix of its lines; typed in full it may still name one operation.
  const auto exact =
      std::ranges::find_if(found, [&](const Entry& entry) { return entry.id.text() == fragment; });
  if (exact != found.end()) return *exact;
  if (found.size() == 1) return found.front();
  std::string names;
  for (const auto& entry : found)
    names += (names.empty() ? "" : ", ") + entry.id.text();
  return fail(Errc::usage, fmt::format("'{}' fits several operations: {}{}", typed, names,
                                       found.size() == k_named_candidates ? ", …" : ""));
}

Position position_of(const Entry& entry, int default_max_attempts) {
  return {.state = entry.state(),
          .attempts = entry.attempts,
          .max_attempts = entry.max_attempts.value_or(default_max_attempts)};
}

Result<Store::Applied> Store::apply(const std::vector<Entry>& entries, const Event& event) {
  Applied applied;
  std::vector<Settlement> group;
  Settler settler(*files_, *index_, *clock_);
  const auto flush = [&]() -> Result<> {
    if (group.empty()) return {};
    for (const auto& settlement : group)
      TRY(claim_for(*files_, settlement));
    TRY(settler.settle(group));
    // Only enqueue and those who watch look at it, and whoever opens the queue next counts anew.
    const auto moved = moved_by(group);
    [[maybe_unused]] const auto counted = count_moves(*files_, moved.out, moved.back);
    for (const auto& settlement : group)
      applied.done.push_back(settlement.entry.id);
    group.clear();
    return {};
  };
  for (const auto& entry : entries) {
    auto step = transition(position_of(entry), event);
    if (!step) {
      applied.refused.emplace_back(entry.id, std::move(step).error());
      continue;
    }
    group.push_back({.entry = entry, .transition = *step, .receipt = {}});
    if (group.size() == k_group) TRY(flush());
  }
  TRY(flush());
  return applied;
}

}  // namespace core::queue
