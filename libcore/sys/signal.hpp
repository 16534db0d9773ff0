// SPDX-License-Identifier: MIT
#pragma once

// SIGINT and SIGTERM for commands that must finish cleanly. Nothing is caught until a command asks
// for it. The first signal only sets the flag, whichever thread it comes to, and makes a descriptor
// readable; a second one of the same kind kills as usual.

#include <optional>
#include <utility>

#include "libcore/base/result.hpp"
#include "libcore/sys/fd.hpp"

namespace core::sys {

// From now on SIGINT and SIGTERM are noted instead of killing.
void catch_interruptions();

// Readable once a signal was noted, for those who wait; -1 where none is caught.
int interruption_fd();

// The signal that was noted, if any.
std::optional<int> interruption();

// Error interrupted (SIGINT) or terminated (SIGTERM) when a signal was noted.
Result<> check_interruption();

// SIGHUP as a descriptor that is readable once it came, for programs that read their settings
// again; from open() on it does not kill. For one thread: others must be started after it.
class Hangups {
 public:
  // Errors: io.
  static Result<Hangups> open();

  // Whether one came since the last call. Does not wait.
  bool take();
  [[nodiscard]] int fd() const { return fd_.get(); }

 private:
  explicit Hangups(Fd fd) : fd_(std::move(fd)) {}

  Fd fd_;
};

// Writing to a closed pipe gives EPIPE instead of killing.
void ignore_broken_pipes();

}  // namespace core::sys
