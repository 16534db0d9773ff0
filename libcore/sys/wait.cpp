// SPDX-License-Identifier: MIT
#include "libcore/sys/wait.hpp"

#include <algorithm>
#include <array>
#include <cerrno>
#include <ctime>

#include <poll.h>

#include "libcore/sys/fd.hpp"
#include "libcore/sys/signal.hpp"

namespace core::sys {
namespace {

timespec spec_of(Duration span) {
  const auto seconds = std::chrono::floor<std::chrono::seconds>(span);
  return {.tv_sec = seconds.count(), .tv_nsec = std::chrono::nanoseconds{span - seconds}.count()};
}

}  // namespace

Result<Ready> wait_for(int fd, short events, std::optional<Duration> longest) {
  using Clock = std::chrono::steady_clock;
  const auto begin = Clock::now();
  while (true) {
    TRY(check_interruption());
    timespec left{};
    if (longest) {
      const auto gone = std::chrono::floor<Duration>(Clock::now() - begin);
      left = spec_of(std::max(*longest - gone, Duration{0}));
    }
    std::array<pollfd, 2> polled{{{.fd = fd, .events = events, .revents = 0},
                                  {.fd = interruption_fd(), .events = POLLIN, .revents = 0}}};
    const int count = ::ppoll(polled.data(), polled.size(), longest ? &left : nullptr, nullptr);
    if (polled[0].revents != 0 && count > 0) return Ready::yes;
    if (count == 0) return Ready::no;
    if (count < 0 && errno != EINTR) return io_error("wait", "poll", errno);
  }
}

void pause(Duration longest) {
  // The caller asks for the signal at its next step.
  [[maybe_unused]] const auto outcome = wait_for(-1, 0, longest);
}

}  // namespace core::sys
