// SPDX-License-Identifier: MIT
#include "libcore/codec/crc32c.hpp"

#include <array>
#include <cstring>

#ifdef __x86_64__
#include <cpuid.h>
#include <nmmintrin.h>
#endif

namespace core::codec {
namespace {

constexpr std::array<std::uint32_t, 256> make_table() {
  constexpr std::uint32_t k_reversed_polynomial = 0x82F63B78;
  std::array<std::uint32_t, 256> table{};
  for (std::uint32_t i = 0; i < table.size(); ++i) {
    std::uint32_t sum = i;
    for (int bit = 0; bit < 8; ++bit)
      sum = (sum >> 1U) ^ ((sum & 1U) != 0 ? k_reversed_polynomial : 0U);
    table[i] = sum;
  }
  return table;
}
constexpr auto k_table = make_table();

#ifdef __x86_64__
// Not __builtin_cpu_supports: that asks for everything at the start of every program, a dozen CPUID
// instructions, each of which a virtual machine takes microseconds to answer. Nor __get_cpuid,
// which asks first whether there is a leaf 1: with 64 bits there is.
bool has_instruction() {
  unsigned a = 0;
  unsigned b = 0;
  unsigned c = 0;
  unsigned d = 0;
  __cpuid(1, a, b, c, d);
  return (c & bit_SSE4_2) != 0;
}

__attribute__((target("sse4.2"))) std::uint32_t crc32c_by_instruction(std::string_view bytes,
                                                                      std::uint32_t seed) {
  std::uint64_t sum = ~seed;
  while (bytes.size() >= sizeof(std::uint64_t)) {
    std::uint64_t word = 0;
    std::memcpy(&word, bytes.data(), sizeof word);
    sum = _mm_crc32_u64(sum, word);
    bytes.remove_prefix(sizeof word);
  }
  auto tail = static_cast<std::uint32_t>(sum);
  for (const char c : bytes)
    tail = _mm_crc32_u8(tail, static_cast<unsigned char>(c));
  return ~tail;
}
#endif

}  // namespace

std::uint32_t crc32c_by_table(std::string_view bytes, std::uint32_t seed) {
  std::uint32_t sum = ~seed;
  for (const char c : bytes)
    sum = (sum >> 8U) ^ k_table[(sum ^ static_cast<unsigned char>(c)) & 0xFFU];
  return ~sum;
}

std::uint32_t crc32c(std::string_view bytes, std::uint32_t seed) {
#ifdef __x86_64__
  static const bool has_it = has_instruction();
  if (has_it) return crc32c_by_instruction(bytes, seed);
#endif
  return crc32c_by_table(bytes, seed);
}

}  // namespace core::codec
