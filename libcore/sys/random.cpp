// SPDX-License-Identifier: MIT
#include "libcore/sys/random.hpp"

#include <array>
#include <cerrno>
#include <cstdlib>
#include <cstring>

#include <sys/random.h>

namespace core::sys {

void SystemRandom::fill(std::span<std::uint8_t> bytes) {
  while (!bytes.empty()) {
    const ssize_t got = getrandom(bytes.data(), bytes.size(), 0);
    if (got < 0 && errno == EINTR) continue;
    if (got < 0) std::abort();  // only a kernel without getrandom(2) gets here
    bytes = bytes.subspan(static_cast<std::size_t>(got));
  }
}

double unit_interval(Random& random) {
  std::array<std::uint8_t, sizeof(std::uint64_t)> bytes{};
  random.fill(bytes);
  std::uint64_t value = 0;
  std::memcpy(&value, bytes.data(), sizeof value);
  return static_cast<double>(value >> 11) * 0x1.0p-53;
}

}  // namespace core::sys
