// SPDX-License-Identifier: MIT
#include "libcore/sys/wall_timer.hpp"

#include <algorithm>
#include <cerrno>
#include <chrono>
#include <cstdint>

#include <sys/timerfd.h>
#include <unistd.h>

namespace core::sys {

Result<WallTimer> WallTimer::create() {
  Fd fd(::timerfd_create(CLOCK_REALTIME, TFD_CLOEXEC | TFD_NONBLOCK));
  if (!fd.is_open()) return io_error("wait", "timer", errno);
  return WallTimer(std::move(fd));
}

Result<> WallTimer::set(Time at) {
  // All zeros would stop the timer.
  const Duration since = std::max(at.time_since_epoch(), Duration{1});
  const auto seconds = std::chrono::floor<std::chrono::seconds>(since);
  itimerspec spec{};
  spec.it_value.tv_sec = seconds.count();
  spec.it_value.tv_nsec = std::chrono::nanoseconds{since - seconds}.count();
  const int flags = TFD_TIMER_ABSTIME | TFD_TIMER_CANCEL_ON_SET;
  if (::timerfd_settime(fd_.get(), flags, &spec, nullptr) == 0) return {};
  if (errno != ECANCELED) return io_error("wait", "timer", errno);
  // The clock was set since the last call, and nobody was told. A moment that has passed tells.
  itimerspec passed{};
  passed.it_value.tv_nsec = 1;
  if (::timerfd_settime(fd_.get(), TFD_TIMER_ABSTIME, &passed, nullptr) == 0) return {};
  return io_error("wait", "timer", errno);
}

WallTimer::Rang WallTimer::take() {
  std::uint64_t count = 0;
  if (::read(fd_.get(), &count, sizeof count) > 0) return Rang::yes;
  return errno == ECANCELED ? Rang::clock_was_set : Rang::no;
}

}  // namespace core::sys
