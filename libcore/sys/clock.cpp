// SPDX-License-Identifier: MIT
#include "libcore/sys/clock.hpp"

#include <ctime>

#include <fcntl.h>
#include <sys/timex.h>

#include "libcore/base/text.hpp"
#include "libcore/sys/fd.hpp"

namespace core::sys {
namespace {

Duration read_clock(clockid_t id) {
  timespec time{};
  clock_gettime(id, &time);
  return std::chrono::seconds{time.tv_sec} +
         std::chrono::duration_cast<Duration>(std::chrono::nanoseconds{time.tv_nsec});
}

std::string read_boot_id() {
  const char* path = "/proc/sys/kernel/random/boot_id";
  const Fd fd(::open(path, O_RDONLY | O_CLOEXEC));
  if (!fd.is_open()) return {};
  return std::string(trim(read_up_to(fd.get(), 64, path).value_or("")));
}

}  // namespace

Time SystemClock::now() const {
  return Time{read_clock(CLOCK_REALTIME)};
}

Duration SystemClock::since_boot() const {
  return read_clock(CLOCK_BOOTTIME);
}

bool SystemClock::is_synchronised() const {
  timex state{};
  return adjtimex(&state) != TIME_ERROR && (state.status & STA_UNSYNC) == 0;
}

std::string SystemClock::boot_id() const {
  static const std::string id = read_boot_id();  // no process outlives its boot
  return id;
}

}  // namespace core::sys
