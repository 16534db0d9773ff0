// SPDX-License-Identifier: MIT
#pragma once

// A moment of the wall clock as a descriptor: readable once the moment has come, also when the
// machine slept through it, and when somebody sets the clock, for then the moment may be another.

#include <utility>

#include "libcore/base/result.hpp"
#include "libcore/base/time.hpp"
#include "libcore/sys/fd.hpp"

namespace core::sys {

class WallTimer {
 public:
  // Errors: io.
  static Result<WallTimer> create();

  // Instead of the moment before. Errors: io.
  Result<> set(Time at);
  enum class Rang { no, yes, clock_was_set };
  // What has happened since the last call. Does not wait.
  Rang take();
  [[nodiscard]] int fd() const { return fd_.get(); }

 private:
  explicit WallTimer(Fd fd) : fd_(std::move(fd)) {}

  Fd fd_;
};

}  // namespace core::sys
