// SPDX-License-Identifier: MIT
#pragma once

// What happens in directories, by name, as a descriptor (inotify(7)). Watch (inotify.hpp) is for
// those who only want to know that something did.

#include <cstdint>
#include <functional>
#include <string>
#include <string_view>
#include <utility>

#include "libcore/base/result.hpp"
#include "libcore/sys/fd.hpp"

namespace core::sys {

// What may happen to an entry; several make a set.
enum class Notice : std::uint32_t {
  none = 0,        // only that the directory itself goes
  arrivals = 1,    // renamed to this name, or written and closed
  departures = 2,  // removed
  moves_away = 4,  // renamed to another name or place
  attributes = 8,  // times, modes
  folders = 16,    // a directory was made, or renamed to this name
};
constexpr Notice operator|(Notice a, Notice b) {
  return static_cast<Notice>(static_cast<std::uint32_t>(a) | static_cast<std::uint32_t>(b));
}

struct DirectoryEvent {
  enum class Kind {
    entry,  // `name` in `directory`
    gone,   // `directory` itself was removed, moved or unmounted: it is no longer watched
    lost,   // more happened than the kernel could keep: anything may have
  } kind = Kind::entry;
  int directory = -1;  // as add() called it
  Notice notice = Notice::arrivals;
  std::string_view name;  // valid during the call only
};

class DirectoryEvents {
 public:
  // Where the kernel refuses (a limit is reached) is_open() is false, and nothing is ever told.
  static DirectoryEvents open();

  [[nodiscard]] bool is_open() const { return fd_.is_open(); }
  [[nodiscard]] int fd() const { return fd_.get(); }
  // What is told of this directory from now on, besides what was asked for before; the result names
  // it in events, and is -1 where the kernel refuses to watch one more. Errors: not_found, denied,
  // io.
  Result<int> add(const std::string& directory, Notice notice);
  void remove(int directory);
  // Everything that was not told yet. Does not wait. Errors: io.
  Result<> take(const std::function<void(const DirectoryEvent&)>& visit);

 private:
  explicit DirectoryEvents(Fd fd) : fd_(std::move(fd)) {}

  Fd fd_;
};

}  // namespace core::sys
