// SPDX-License-Identifier: MIT
#include "libcore/codec/sha256.hpp"

#include <utility>

#include <doctest/doctest.h>

using core::codec::Sha256;
using core::codec::sha256_hex;

TEST_CASE("SHA-256 agrees with the examples of FIPS 180") {
  const std::pair<std::string, std::string> rows[] = {
      {"", "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"},
      {"abc", "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"},
      {"abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq",
       "248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1"},
      {std::string(1'000'000, 'a'),
       "cdc76e5c9914fb9281a1c7e284d73e67f1809a48a497200e046d39ccc7112cd0"},
  };
  for (const auto& [bytes, hex] : rows)
    CHECK(sha256_hex(bytes) == hex);
}

TEST_CASE("a sum taken in pieces is the sum of the whole") {
  const std::string bytes(1000, 'x');
  for (std::size_t cut = 0; cut <= bytes.size(); cut += 37) {
    Sha256 first;
    first.update(std::string_view(bytes).substr(0, cut));
    Sha256 moved = std::move(first);
    moved.update(std::string_view(bytes).substr(cut));
    CHECK(moved.hex() == sha256_hex(bytes));
  }
}
