// SPDX-License-Identifier: MIT
#pragma once

// CRC-32C (Castagnoli, RFC 3720 12.1): the seal on envelopes and log lines. It detects damage, it
// does not authenticate. The processor's own instruction computes it where there is one.

#include <cstdint>
#include <string_view>

namespace core::codec {

// `seed` is the sum of what came before: crc32c(b, crc32c(a)) is crc32c(ab).
std::uint32_t crc32c(std::string_view bytes, std::uint32_t seed = 0);

// The same without the instruction, for processors that lack it.
std::uint32_t crc32c_by_table(std::string_view bytes, std::uint32_t seed = 0);

}  // namespace core::codec
