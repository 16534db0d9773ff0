// SPDX-License-Identifier: MIT
#include "libcore/sys/poll_set.hpp"

#include <cerrno>
#include <chrono>

#include <sys/epoll.h>

namespace core::sys {

Result<PollSet> PollSet::create() {
  Fd fd(::epoll_create1(EPOLL_CLOEXEC));
  if (!fd.is_open()) return io_error("wait", "epoll", errno);
  return PollSet(std::move(fd));
}

Result<> PollSet::add(int fd, Until until) {
  if (fd < 0) return {};
  epoll_event event{};
  event.events = until == Until::readable ? EPOLLIN : EPOLLOUT;
  event.data.fd = fd;
  if (::epoll_ctl(fd_.get(), EPOLL_CTL_ADD, fd, &event) == 0) return {};
  return io_error("wait", "epoll", errno);
}

Result<> PollSet::add_reader_of(int fd) {
  if (fd < 0) return {};
  epoll_event event{};  // errors and hang-ups are always told
  event.data.fd = fd;
  if (::epoll_ctl(fd_.get(), EPOLL_CTL_ADD, fd, &event) == 0 || errno == EPERM) return {};
  return io_error("wait", "epoll", errno);
}

void PollSet::remove(int fd) {
  if (fd >= 0) ::epoll_ctl(fd_.get(), EPOLL_CTL_DEL, fd, nullptr);
}

bool PollSet::is_ready(Duration longest) const {
  epoll_event event{};
  const auto limit = std::chrono::ceil<std::chrono::milliseconds>(longest);
  return ::epoll_wait(fd_.get(), &event, 1, static_cast<int>(limit.count())) > 0;
}

}  // namespace core::sys
