// SPDX-License-Identifier: MIT
// The SHA256_ functions are deprecated since OpenSSL 3 in favour of EVP. EVP finds its algorithms
// through providers: that costs start-up time in every process and drags dlopen into a program that
// is linked statically. The low-level functions are plain code with the same speed; asking for the
// API of 1.1.0 tells the header that this is meant.
#define OPENSSL_API_COMPAT 0x10100000L
#include "libcore/codec/sha256.hpp"

#include <array>

#include <openssl/sha.h>

namespace core::codec {

struct Sha256::State {
  SHA256_CTX context{};
};

Sha256::Sha256() : state_(std::make_unique<State>()) {
  SHA256_Init(&state_->context);
}
Sha256::Sha256(Sha256&&) noexcept = default;
Sha256& Sha256::operator=(Sha256&&) noexcept = default;
Sha256::~Sha256() = default;

void Sha256::update(std::string_view bytes) {
  SHA256_Update(&state_->context, bytes.data(), bytes.size());
}

Sha256::Digest Sha256::digest() {
  static_assert(std::tuple_size_v<Digest> == SHA256_DIGEST_LENGTH);
  Digest digest{};
  SHA256_Final(digest.data(), &state_->context);
  return digest;
}

std::string Sha256::hex() {
  constexpr std::string_view k_hex = "0123456789abcdef";
  const Digest bytes = digest();
  std::string text;
  text.reserve(2 * bytes.size());
  for (const unsigned byte : bytes) {
    text += k_hex[byte >> 4U];
    text += k_hex[byte & 15U];
  }
  return text;
}

std::string sha256_hex(std::string_view bytes) {
  Sha256 sum;
  sum.update(bytes);
  return sum.hex();
}

}  // namespace core::codec
