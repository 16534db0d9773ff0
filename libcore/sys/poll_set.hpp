// SPDX-License-Identifier: MIT
#pragma once

// Several descriptors waited for as one: the set is a descriptor itself, readable while one of its
// members is what is waited for. So whoever can wait for one (sys/wait.hpp, libcurl) can wait for
// all of them.

#include <utility>

#include "libcore/base/result.hpp"
#include "libcore/base/time.hpp"
#include "libcore/sys/fd.hpp"

namespace core::sys {

enum class Until { readable, writable };

class PollSet {
 public:
  // Errors: io.
  static Result<PollSet> create();

  // A member must be removed, or closed in every process, before its number is used again; one
  // that is not open is none. Errors: io.
  Result<> add(int fd, Until until = Until::readable);
  // The same for a stream that is written to: it is told of once its reader has gone, which
  // stays so. What has no reader, as a file, is none. Errors: io.
  Result<> add_reader_of(int fd);
  void remove(int fd);
  // Whether a member is ready, now or within so long. Signals do not matter.
  [[nodiscard]] bool is_ready(Duration longest = {}) const;
  [[nodiscard]] int fd() const { return fd_.get(); }

 private:
  explicit PollSet(Fd fd) : fd_(std::move(fd)) {}

  Fd fd_;
};

}  // namespace core::sys
