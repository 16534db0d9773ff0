// SPDX-License-Identifier: MIT
#pragma once

// Sizes in bytes and their text. KB MB GB TB are powers of 1000, KiB MiB GiB TiB of 1024.

#include <compare>
#include <cstdint>
#include <string>
#include <string_view>

#include "libcore/base/result.hpp"

namespace core {

struct ByteCount {
  std::uint64_t value = 0;
  auto operator<=>(const ByteCount&) const = default;
};

// "10KB", "4MiB", "512" (bytes), "1.5 GB"; the unit's case does not matter. Errors: usage.
Result<ByteCount> parse_size(std::string_view text);

// Bytes in a second: "50KB/s", "50KB", or bits with the customary "50kbps", "2Mbps". "kBps" is
// refused: nobody knows which is meant. Errors: usage.
Result<ByteCount> parse_rate(std::string_view text);

// Three digits and a decimal unit: "512 B", "1.2 kB", "34 MB".
std::string format_size(ByteCount size);
// The same beside another one: with as many digits more as it takes to tell them apart, "99.999 MB"
// beside "100 MB".
std::string format_size(ByteCount size, ByteCount beside);

}  // namespace core
