// SPDX-License-Identifier: MIT
#pragma once

// SHA-256 (FIPS 180-4) over OpenSSL's libcrypto: the names of blobs.

#include <array>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

namespace core::codec {

class Sha256 {
 public:
  using Digest = std::array<std::uint8_t, 32>;

  Sha256();
  Sha256(Sha256&&) noexcept;
  Sha256& operator=(Sha256&&) noexcept;
  Sha256(const Sha256&) = delete;
  Sha256& operator=(const Sha256&) = delete;
  ~Sha256();

  void update(std::string_view bytes);
  // Of everything so far. Each ends the stream: update no more.
  Digest digest();
  std::string hex();  // 64 lower-case hexadecimal digits

 private:
  struct State;
  std::unique_ptr<State> state_;
};

std::string sha256_hex(std::string_view bytes);

}  // namespace core::codec
