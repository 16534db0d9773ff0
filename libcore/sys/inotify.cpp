// SPDX-License-Identifier: MIT
#include "libcore/sys/inotify.hpp"

#include <algorithm>
#include <array>
#include <cerrno>
#include <utility>

#include <poll.h>
#include <sys/inotify.h>
#include <unistd.h>

#include "libcore/sys/signal.hpp"

namespace core::sys {
namespace {

constexpr std::uint32_t k_events =
    IN_CREATE | IN_DELETE | IN_MOVED_FROM | IN_MOVED_TO | IN_MODIFY | IN_ONLYDIR;

bool is_refusal(int error) {
  return error == ENOSPC || error == EMFILE || error == ENFILE || error == ENOSYS;
}

// Many events may wait; what they say does not matter.
void drain(int fd) {
  std::array<char, 4096> buffer{};
  while (::read(fd, buffer.data(), buffer.size()) > 0) {
  }
}

}  // namespace

Result<Watch> Watch::on(std::span<const std::string> directories) {
  Fd fd(::inotify_init1(IN_NONBLOCK | IN_CLOEXEC));
  if (!fd.is_open())
    return is_refusal(errno) ? Result<Watch>(Watch(Fd())) : io_error("watch", "inotify", errno);
  for (const auto& directory : directories) {
    if (::inotify_add_watch(fd.get(), directory.c_str(), k_events) >= 0) continue;
    if (is_refusal(errno)) return Watch(Fd());
    return io_error("watch", directory, errno);
  }
  return Watch(std::move(fd));
}

Result<bool> Watch::wait(Duration timeout) {
  TRY(check_interruption());
  // Rounded up: waking a little early would mean waking twice.
  const auto ms = std::chrono::ceil<std::chrono::milliseconds>(std::max(timeout, Duration{0}));
  constexpr std::chrono::milliseconds k_longest{std::chrono::hours{1}};
  pollfd polled{.fd = fd_.get(), .events = POLLIN, .revents = 0};
  const nfds_t count = fd_.is_open() ? 1 : 0;
  const int ready = ::poll(&polled, count, static_cast<int>(std::min(ms, k_longest).count()));
  if (ready < 0 && errno != EINTR) return io_error("watch", "poll", errno);
  TRY(check_interruption());
  if (ready > 0) drain(fd_.get());
  return ready != 0;
}

}  // namespace core::sys
