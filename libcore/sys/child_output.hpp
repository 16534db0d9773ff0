// SPDX-License-Identifier: MIT
#pragma once

// What a child prints, as far as it is kept: its beginning. What is more is read and dropped, so
// that no child waits for us with a full pipe. Give to() to the child, call started() once it runs,
// and read() whenever fd() is readable and when the child has ended. With this the reader goes too:
// what the child has left behind in the background gets SIGPIPE where it prints.

#include <cstddef>
#include <cstdint>
#include <string>
#include <utility>

#include "libcore/base/result.hpp"
#include "libcore/sys/fd.hpp"
#include "libcore/sys/pipe.hpp"

namespace core::sys {

class ChildOutput {
 public:
  // None: no child is running.
  ChildOutput() = default;
  // At most `most` bytes are kept. Errors: io.
  static Result<ChildOutput> open(std::size_t most);

  // What becomes the child's standard output, or error, or both.
  [[nodiscard]] int to() const { return pipe_.write_end.get(); }
  void started() { pipe_.write_end.reset(); }
  // Does not wait, and returns soon although the child prints without end.
  void read();
  // -1 once nobody can print any more.
  [[nodiscard]] int fd() const { return pipe_.read_end.get(); }

  [[nodiscard]] const std::string& kept() const { return kept_; }
  [[nodiscard]] std::uint64_t dropped() const { return dropped_; }
  // What is kept, in whole lines, and a last one that tells how much was dropped.
  [[nodiscard]] std::string text() const;

 private:
  ChildOutput(Pipe pipe, std::size_t most) : pipe_(std::move(pipe)), most_(most) {}

  Pipe pipe_;
  std::size_t most_ = 0;
  std::string kept_;
  std::uint64_t dropped_ = 0;
};

}  // namespace core::sys
