// SPDX-License-Identifier: MIT
#include "libcore/sys/wait.hpp"

#include <algorithm>
#include <cerrno>
#include <ctime>

#include <poll.h>
#include <signal.h>

#include "libcore/sys/fd.hpp"
#include "libcore/sys/signal.hpp"

namespace core::sys {
namespace {

// Holds SIGINT and SIGTERM back in this thread until the end of the scope.
class InterruptionsHeld {
 public:
  InterruptionsHeld() {
    sigset_t held{};
    ::sigemptyset(&held);
    ::sigaddset(&held, SIGINT);
    ::sigaddset(&held, SIGTERM);
    ::pthread_sigmask(SIG_BLOCK, &held, &before_);
  }
  InterruptionsHeld(const InterruptionsHeld&) = delete;
  InterruptionsHeld& operator=(const InterruptionsHeld&) = delete;
  ~InterruptionsHeld() { ::pthread_sigmask(SIG_SETMASK, &before_, nullptr); }
  [[nodiscard]] const sigset_t& before() const { return before_; }

 private:
  sigset_t before_{};
};

timespec spec_of(Duration span) {
  const auto seconds = std::chrono::floor<std::chrono::seconds>(span);
  return {.tv_sec = seconds.count(), .tv_nsec = std::chrono::nanoseconds{span - seconds}.count()};
}

}  // namespace

Result<Ready> wait_for(int fd, short events, std::optional<Duration> longest) {
  using Clock = std::chrono::steady_clock;
  const auto begin = Clock::now();
  const InterruptionsHeld held;
  while (true) {
    TRY(check_interruption());
    timespec left{};
    if (longest) {
      const auto gone = std::chrono::floor<Duration>(Clock::now() - begin);
      left = spec_of(std::max(*longest - gone, Duration{0}));
    }
    pollfd polled{.fd = fd, .events = events, .revents = 0};
    const int count = ::ppoll(&polled, 1, longest ? &left : nullptr, &held.before());
    if (count > 0) return Ready::yes;
    if (count == 0) return Ready::no;
    if (errno != EINTR) return io_error("wait", "poll", errno);
  }
}

void pause(Duration longest) {
  // The caller asks for the signal at its next step.
  [[maybe_unused]] const auto outcome = wait_for(-1, 0, longest);
}

}  // namespace core::sys
