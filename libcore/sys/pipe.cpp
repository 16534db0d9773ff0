// SPDX-License-Identifier: MIT
#include "libcore/sys/pipe.hpp"

#include <array>
#include <cerrno>

#include <fcntl.h>
#include <unistd.h>

namespace core::sys {

Result<Pipe> Pipe::open() {
  std::array<int, 2> ends{};
  if (::pipe2(ends.data(), O_CLOEXEC) != 0) return io_error("make", "a pipe", errno);
  Pipe pipe{.read_end = Fd(ends[0]), .write_end = Fd(ends[1])};
  if (::fcntl(ends[0], F_SETFL, O_NONBLOCK) != 0) return io_error("make", "a pipe", errno);
  return pipe;
}

}  // namespace core::sys
