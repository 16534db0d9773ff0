// SPDX-License-Identifier: MIT
#include "libcore/queue/second_names.hpp"

#include <algorithm>
#include <span>
#include <string>
#include <vector>

#include "libcore/codec/receipt.hpp"
#include "libcore/queue/layout.hpp"

namespace core::queue {
namespace {

struct Name {
  std::uint64_t inode = 0;
  State state = State::pending;
  FileName file;

  [[nodiscard]] std::string path() const { return path_of(state, file); }
};

Result<std::vector<Name>> names_of_all(const sys::Files& files) {
  std::vector<Name> names;
  for (const State state : k_states) {
    TRY(files.list(folder(state), [&](const sys::DirectoryEntry& entry) {
      const auto file = FileName::parse(entry.name);
      if (file) names.push_back({.inode = entry.inode, .state = state, .file = *file});
    }));
  }
  std::ranges::stable_sort(names, {}, &Name::inode);
  return names;
}

// Where a file is whose rename was the last thing that happened to it.
Result<State> wanted_state(Index& index, const FileName& file) {
  if (file.kind == FileName::Kind::batch) return State::synced;
  TRY_ASSIGN(const auto last, index.last_receipt(file.id()));
  if (last && last->outcome == codec::Outcome::synced) return State::synced;
  if (last && last->outcome == codec::Outcome::failed) return State::failed;
  return State::pending;
}

// `names` have one inode number.
Result<std::uint64_t> drop_old(sys::Files& files, Index& index, std::span<const Name> names) {
  const FileName& first = names.front().file;
  const bool is_one_operation = std::ranges::all_of(names, [&](const Name& name) {
    return name.file.id() == first.id() && name.file.kind == first.kind;
  });
  if (!is_one_operation) return 0;
  TRY_ASSIGN(const State wanted, wanted_state(index, first));
  const Name* kept = nullptr;
  for (const auto& name : names) {
    if (name.state != wanted) continue;
    if (kept == nullptr || name.file.attempts > kept->file.attempts) kept = &name;
  }
  if (kept == nullptr) return 0;
  std::uint64_t dropped = 0;
  for (const auto& name : names) {
    if (&name == kept) continue;
    // Looked at now: the folders were listed one after the other, and files may have moved.
    TRY_ASSIGN(const auto one, files.status(name.path()));
    TRY_ASSIGN(const auto other, files.status(kept->path()));
    if (!one || !other || one->inode != other->inode || one->links < 2) continue;
    TRY_ASSIGN(const bool removed, files.remove(name.path()));
    if (removed) ++dropped;
  }
  return dropped;
}

}  // namespace

Result<std::uint64_t> drop_second_names(sys::Files& files, Index& index) {
  TRY_ASSIGN(const auto names, names_of_all(files));
  std::uint64_t dropped = 0;
  for (std::size_t begin = 0; begin < names.size();) {
    std::size_t end = begin + 1;
    while (end < names.size() && names[end].inode == names[begin].inode)
      ++end;
    if (end - begin > 1) {
      TRY_ASSIGN(const auto here,
                 drop_old(files, index, std::span(names).subspan(begin, end - begin)));
      dropped += here;
    }
    begin = end;
  }
  return dropped;
}

}  // namespace core::queue
