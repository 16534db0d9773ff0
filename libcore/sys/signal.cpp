// SPDX-License-Identifier: MIT
#include "libcore/sys/signal.hpp"

#include <atomic>
#include <cerrno>
#include <cstdint>

#include <signal.h>
#include <sys/eventfd.h>
#include <sys/signalfd.h>
#include <unistd.h>

namespace core::sys {
namespace {

// The one mutable global of offkit: a signal handler has nowhere else to write to.
std::atomic<int> noted_signal{0};  // NOLINT(cppcoreguidelines-avoid-non-const-global-variables)
// The kernel gives a signal to any thread that takes it, also one of libcurl's: that this one's
// wait is interrupted is not sure.
std::atomic<int> noted_fd{-1};  // NOLINT(cppcoreguidelines-avoid-non-const-global-variables)
static_assert(std::atomic<int>::is_always_lock_free);

extern "C" void note_signal(int number) {
  const int before = errno;
  noted_signal.store(number);
  constexpr std::uint64_t k_one = 1;
  [[maybe_unused]] const auto written = ::write(noted_fd.load(), &k_one, sizeof k_one);
  errno = before;
}

}  // namespace

void catch_interruptions() {
  // As long as the process.
  if (noted_fd.load() < 0) noted_fd.store(::eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK));
  struct sigaction action{};
  action.sa_handler = note_signal;
  // No SA_RESTART: a blocked read or poll must return at once. SA_RESETHAND: the user who presses
  // Ctrl-C twice does not want to wait for a clean end.
  action.sa_flags = static_cast<int>(SA_RESETHAND);
  sigemptyset(&action.sa_mask);
  sigaction(SIGINT, &action, nullptr);
  sigaction(SIGTERM, &action, nullptr);
}

int interruption_fd() {
  return noted_fd.load();
}

std::optional<int> interruption() {
  const int number = noted_signal.load();
  return number == 0 ? std::nullopt : std::optional{number};
}

Result<> check_interruption() {
  const auto number = interruption();
  if (!number) return {};
  return *number == SIGTERM ? fail(Errc::terminated, "terminated")
                            : fail(Errc::interrupted, "interrupted");
}

Result<Hangups> Hangups::open() {
  sigset_t hangup{};
  ::sigemptyset(&hangup);
  ::sigaddset(&hangup, SIGHUP);
  ::pthread_sigmask(SIG_BLOCK, &hangup, nullptr);
  Fd fd(::signalfd(-1, &hangup, SFD_CLOEXEC | SFD_NONBLOCK));
  if (!fd.is_open()) return io_error("wait", "signalfd", errno);
  return Hangups(std::move(fd));
}

bool Hangups::take() {
  signalfd_siginfo info{};
  return ::read(fd_.get(), &info, sizeof info) > 0;
}

void ignore_broken_pipes() {
  struct sigaction action{};
  action.sa_handler = SIG_IGN;  // NOLINT(cppcoreguidelines-pro-type-cstyle-cast)
  sigaction(SIGPIPE, &action, nullptr);
}

}  // namespace core::sys
