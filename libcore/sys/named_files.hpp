// SPDX-License-Identifier: MIT
#pragma once

// Files anywhere that come, change and go, though their directories may not be there yet: until
// one is, the nearest that is there above it is watched for it. A directory that goes, or is moved
// with what is above it, is followed to where its name leads then; not so a symbolic link on the
// way that is made or replaced. For those who have DirectoryEvents of their own, and pass on to
// this what these tell.

#include <map>
#include <set>
#include <span>
#include <string>

#include "libcore/sys/directory_events.hpp"

namespace core::sys {

class NamedFiles {
 public:
  NamedFiles() = default;
  explicit NamedFiles(std::span<const std::string> files);

  // Has all of them watched; again, what was refused before is tried anew. What the kernel refuses,
  // as a directory that may not be read, is not watched: nothing is told of it.
  void watch(DirectoryEvents& events);
  // Whether one of the files has come, changed or gone, or may have.
  bool take(DirectoryEvents& events, const DirectoryEvent& event);

 private:
  struct Directory {
    std::set<std::string, std::less<>> names{};  // of the files
    int itself = -1;                             // where it is there and watched
    int above = -1;                              // else the nearest that is
    std::string missing{};                       // what has to come there
    std::set<int> way{};                         // all that are watched for it
  };
  using Place = std::map<std::string, Directory>::value_type;

  void watch(DirectoryEvents& events, Place& place);
  static std::string walk(DirectoryEvents& events, Place& place);
  bool follow(DirectoryEvents& events, Place& place);

  std::map<std::string, Directory> directories_;
};

}  // namespace core::sys
