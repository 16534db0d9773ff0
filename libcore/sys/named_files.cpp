// SPDX-License-Identifier: MIT
#include "libcore/sys/named_files.hpp"

#include <algorithm>
#include <filesystem>
#include <system_error>
#include <utility>

#include <unistd.h>

#include "libcore/sys/paths.hpp"

namespace core::sys {
namespace {

std::string name_of(const std::string& path) {
  return path.substr(path.rfind('/') + 1);
}

bool is_directory(const std::string& path) {
  std::error_code ignored;
  return std::filesystem::is_directory(path, ignored);
}

}  // namespace

NamedFiles::NamedFiles(std::span<const std::string> files) {
  for (const auto& file : files)
    directories_[parent_path(file)].names.insert(name_of(file));
}

void NamedFiles::watch(DirectoryEvents& events) {
  for (auto& place : directories_)
    watch(events, place);
}

void NamedFiles::watch(DirectoryEvents& events, Place& place) {
  const auto before = place.second.way;
  // Deeper again as long as more has come meanwhile.
  std::string missing = walk(events, place);
  while (!missing.empty() && is_directory(missing))
    missing = walk(events, place);
  // Of what was moved the kernel would go on telling.
  for (const int left : before) {
    const bool is_needed = std::ranges::any_of(
        directories_, [left](const auto& other) { return other.second.way.contains(left); });
    if (!is_needed) events.remove(left);
  }
}

// From the directory up to the root: of those above one that is there it matters only that they
// stay. The result is the topmost that is missing.
std::string NamedFiles::walk(DirectoryEvents& events, Place& place) {
  auto& [path, directory] = place;
  directory.itself = directory.above = -1;
  directory.way.clear();
  std::string missing;
  bool is_there = false;
  std::string at = path;
  while (true) {
    auto notice = is_there ? Notice::none : Notice::folders;
    if (at == path) notice = Notice::arrivals | Notice::departures;
    const auto added = events.add(at, notice);
    if (!is_there && !added && added.error().code == Errc::not_found) {
      missing = at;
    } else {
      const int watched = added.value_or(-1);
      if (watched >= 0) directory.way.insert(watched);
      if (!is_there) (missing.empty() ? directory.itself : directory.above) = watched;
      is_there = true;
    }
    auto parent = parent_path(at);
    if (parent == at) break;
    at = std::move(parent);
  }
  directory.missing = missing.empty() ? missing : name_of(missing);
  return missing;
}

// Whether one of its files is there now.
bool NamedFiles::follow(DirectoryEvents& events, Place& place) {
  watch(events, place);
  const auto& [path, directory] = place;
  return std::ranges::any_of(directory.names, [&path](const auto& name) {
    return ::access(join_path(path, name).c_str(), F_OK) == 0;
  });
}

bool NamedFiles::take(DirectoryEvents& events, const DirectoryEvent& event) {
  if (event.kind == DirectoryEvent::Kind::lost) {
    watch(events);
    return true;
  }
  bool is_changed = false;
  for (auto& place : directories_) {
    const auto& directory = place.second;
    if (event.kind == DirectoryEvent::Kind::gone) {
      if (!directory.way.contains(event.directory)) continue;
      is_changed |= directory.itself >= 0;
      is_changed |= follow(events, place);
    } else if (event.directory == directory.itself) {
      is_changed |= directory.names.contains(event.name);
    } else if (event.directory == directory.above && event.name == directory.missing) {
      is_changed |= follow(events, place);
    }
  }
  return is_changed;
}

}  // namespace core::sys
