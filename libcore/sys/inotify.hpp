// SPDX-License-Identifier: MIT
#pragma once

// Waiting for changes in directories.

#include <optional>
#include <span>
#include <string>

#include "libcore/base/result.hpp"
#include "libcore/base/time.hpp"
#include "libcore/sys/fd.hpp"

namespace core::sys {

class Watch {
 public:
  // Entries that come, go or are written to in any of these directories. Where the kernel refuses
  // (its limit of watches is reached) wait() only waits. Errors: io, when a directory is missing.
  static Result<Watch> on(std::span<const std::string> directories);

  // True: something changed since the last call. False: the time is over. Changes
  // since on() are not missed. Errors: io; interrupted or terminated when a signal was noted.
  Result<bool> wait(Duration timeout);

 private:
  explicit Watch(Fd fd) : fd_(std::move(fd)) {}

  Fd fd_;  // not open: the kernel refused
};

}  // namespace core::sys
