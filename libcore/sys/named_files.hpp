// SPDX-License-Identifier: MIT
#pragma once

// Files anywhere that come, change and go, though their directories may not be there yet: until
// one is, the nearest that is there above it is watched for it. For those who have DirectoryEvents
// of their own, and pass on to this what these tell.

#include <map>
#include <set>
#include <span>
#include <string>

#include "libcore/base/result.hpp"
#include "libcore/sys/directory_events.hpp"

namespace core::sys {

class NamedFiles {
 public:
  NamedFiles() = default;
  explicit NamedFiles(std::span<const std::string> files);

  // Has all of them watched; again, what was refused before is tried anew. Errors: denied, io.
  Result<> watch(DirectoryEvents& events);
  // Whether one of the files has come, changed or gone, or may have. Directories that were made or
  // have gone are followed. Errors: denied, io.
  Result<bool> take(DirectoryEvents& events, const DirectoryEvent& event);

 private:
  using Names = std::set<std::string>;

  Result<> watch(DirectoryEvents& events, const std::string& directory);
  Result<> watch_above(DirectoryEvents& events, const std::string& directory);
  Result<bool> follow(DirectoryEvents& events, const Names& directories);
  [[nodiscard]] bool has_any(const std::string& directory) const;

  std::map<std::string, Names> names_;                 // by directory
  std::map<int, std::string> watched_;                 // directories that are there
  std::map<int, std::map<std::string, Names>> above_;  // missing ones, by what is missing first
};

}  // namespace core::sys
