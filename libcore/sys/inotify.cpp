// SPDX-License-Identifier: MIT
#include "libcore/sys/inotify.hpp"

#include <algorithm>
#include <array>
#include <cerrno>
#include <utility>

#include <poll.h>
#include <sys/inotify.h>
#include <unistd.h>

#include "libcore/sys/wait.hpp"

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
  TRY_ASSIGN(const Ready ready, wait_for(fd_.get(), POLLIN, std::max(timeout, Duration{0})));
  if (ready == Ready::yes) drain(fd_.get());
  return ready == Ready::yes;
}

}  // namespace core::sys
