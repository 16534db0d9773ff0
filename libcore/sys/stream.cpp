// SPDX-License-Identifier: MIT
#include "libcore/sys/stream.hpp"

#include <cerrno>

#include <fcntl.h>
#include <poll.h>
#include <unistd.h>

#include "libcore/sys/fd.hpp"
#include "libcore/sys/wait.hpp"

namespace core::sys {

Result<Reader> write_stream(int fd, std::string_view bytes, std::string_view name) {
  while (!bytes.empty()) {
    const auto written = ::write(fd, bytes.data(), bytes.size());
    if (written >= 0) {
      bytes.remove_prefix(static_cast<std::size_t>(written));
    } else if (errno == EPIPE) {
      return Reader::gone;
    } else if (errno == EAGAIN) {
      // Somebody made the shared terminal or pipe non-blocking; wait as a blocking one would.
      pollfd ready{.fd = fd, .events = POLLOUT, .revents = 0};
      ::poll(&ready, 1, -1);
    } else if (errno != EINTR) {
      return io_error("cannot write", name, errno);
    }
  }
  return Reader::present;
}

Reader reader_of(int fd) {
  pollfd polled{.fd = fd, .events = 0, .revents = 0};
  const bool is_told = ::poll(&polled, 1, 0) > 0;
  return is_told && (polled.revents & (POLLERR | POLLHUP)) != 0 ? Reader::gone : Reader::present;
}

Result<std::size_t> read_stream(int fd, std::span<char> buffer, std::string_view name) {
  while (true) {
    // Waited for apart from read(2), which would not see a signal that comes just before it.
    TRY(wait_for(fd, POLLIN, std::nullopt));
    const auto count = ::read(fd, buffer.data(), buffer.size());
    if (count >= 0) return static_cast<std::size_t>(count);
    if (errno != EAGAIN && errno != EINTR) return io_error("cannot read", name, errno);
  }
}

void hold_standard_streams() {
  for (const int fd : {STDIN_FILENO, STDOUT_FILENO, STDERR_FILENO}) {
    if (::fcntl(fd, F_GETFD) >= 0) continue;
    // The lowest free number is this one. It stays open as long as the process; opened the wrong
    // way round, so that nothing is lost into it silently.
    (void)::open("/dev/null", fd == STDIN_FILENO ? O_WRONLY : O_RDONLY);
  }
}

}  // namespace core::sys
