// SPDX-License-Identifier: MIT
#include "libcore/sys/named_files.hpp"

#include <algorithm>
#include <utility>

#include <unistd.h>

#include "libcore/sys/paths.hpp"

namespace core::sys {
namespace {

std::string name_of(const std::string& path) {
  return path.substr(path.rfind('/') + 1);
}

bool is_missing(const Result<int>& added) {
  return !added && added.error().code == Errc::not_found;
}

}  // namespace

NamedFiles::NamedFiles(std::span<const std::string> files) {
  for (const auto& file : files)
    names_[parent_path(file)].insert(name_of(file));
}

Result<> NamedFiles::watch(DirectoryEvents& events) {
  for (const auto& [directory, names] : names_)
    TRY(watch(events, directory));
  return {};
}

Result<> NamedFiles::watch(DirectoryEvents& events, const std::string& directory) {
  const auto added = events.add(directory, Notice::arrivals | Notice::departures);
  if (is_missing(added)) return watch_above(events, directory);
  if (!added) return tl::unexpected<Error>(added.error());
  if (*added >= 0) watched_[*added] = directory;
  return {};
}

// From the deepest that is there, and deeper again as long as more has come meanwhile.
Result<> NamedFiles::watch_above(DirectoryEvents& events, const std::string& directory) {
  while (true) {
    std::string missing = directory;
    std::string above = parent_path(missing);
    auto added = events.add(above, Notice::folders);
    while (is_missing(added) && above != parent_path(above)) {
      missing = std::exchange(above, parent_path(above));
      added = events.add(above, Notice::folders);
    }
    if (is_missing(added)) return {};
    if (!added) return tl::unexpected<Error>(added.error());
    if (*added >= 0) above_[*added][name_of(missing)].insert(directory);
    if (::access(missing.c_str(), F_OK) != 0 || *added < 0) return {};
    if (missing == directory) return watch(events, directory);
    // What is there, and yet no directory, is waited for until it is another.
    if (is_missing(events.add(missing, Notice::folders))) return {};
  }
}

bool NamedFiles::has_any(const std::string& directory) const {
  return std::ranges::any_of(names_.at(directory), [&](const auto& name) {
    return ::access(join_path(directory, name).c_str(), F_OK) == 0;
  });
}

Result<bool> NamedFiles::follow(DirectoryEvents& events, const Names& directories) {
  bool is_any = false;
  for (const auto& directory : directories) {
    TRY(watch(events, directory));
    is_any |= has_any(directory);
  }
  return is_any;
}

Result<bool> NamedFiles::take(DirectoryEvents& events, const DirectoryEvent& event) {
  if (event.kind == DirectoryEvent::Kind::lost) {
    TRY(watch(events));
    return true;
  }
  const auto above = above_.find(event.directory);
  if (event.kind == DirectoryEvent::Kind::gone) {
    Names lost;
    if (auto found = watched_.extract(event.directory)) lost.insert(found.mapped());
    const bool had_files = !lost.empty();
    if (above != above_.end()) {
      for (const auto& [name, directories] : above->second)
        lost.insert(directories.begin(), directories.end());
      above_.erase(above);
    }
    // Of one that was moved the kernel would go on telling.
    if (!lost.empty()) events.remove(event.directory);
    TRY(follow(events, lost));
    return had_files;
  }
  bool is_changed = false;
  if (const auto found = watched_.find(event.directory); found != watched_.end()) {
    is_changed = names_.at(found->second).contains(std::string(event.name));
  }
  if (above == above_.end()) return is_changed;
  if (const auto come = above->second.extract(std::string(event.name))) {
    TRY_ASSIGN(const bool is_any, follow(events, come.mapped()));
    is_changed |= is_any;
  }
  return is_changed;
}

}  // namespace core::sys
