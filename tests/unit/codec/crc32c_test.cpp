// SPDX-License-Identifier: MIT
#include "libcore/codec/crc32c.hpp"

#include <string>

#include <doctest/doctest.h>

using core::codec::crc32c;
using core::codec::crc32c_by_table;

namespace {

std::string counting_bytes() {
  std::string bytes;
  for (char c = 0; c < 32; ++c)
    bytes += c;
  return bytes;
}

}  // namespace

TEST_CASE("CRC-32C agrees with the examples of RFC 3720 B.4") {
  const std::string up = counting_bytes();
  const std::string read10{
      "\x01\xc0\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x14\x00\x00\x00\x00\x00\x04"
      "\x00\x00\x00\x00\x14\x00\x00\x00\x18\x28\x00\x00\x00\x00\x00\x00\x00\x02\x00\x00\x00\x00\x00"
      "\x00\x00",
      48};
  const std::pair<std::string, std::uint32_t> rows[] = {
      {std::string(32, '\0'), 0x8A9136AA},
      {std::string(32, '\xff'), 0x62A8AB43},
      {up, 0x46DD794E},
      {std::string(up.rbegin(), up.rend()), 0x113FDB5C},
      {read10, 0xD9963A56},
      {"123456789", 0xE3069283},
      {"", 0},
  };
  for (const auto& [bytes, sum] : rows) {
    CHECK(crc32c(bytes) == sum);
    CHECK(crc32c_by_table(bytes) == sum);
  }
}

TEST_CASE("a sum may be taken in pieces, at any alignment, with or without the instruction") {
  std::string text;
  for (int i = 0; i < 200; ++i)
    text += static_cast<char>(i * 7);
  const std::string_view all = text;
  for (std::size_t cut = 0; cut <= all.size(); ++cut) {
    CHECK(crc32c(all.substr(cut), crc32c(all.substr(0, cut))) == crc32c(all));
    CHECK(crc32c(all.substr(cut)) == crc32c_by_table(all.substr(cut)));
  }
}
