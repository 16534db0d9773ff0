// SPDX-License-Identifier: MIT
#pragma once

// Identifiers. A Ulid is 48 bits of milliseconds and 80 bits of randomness, written as 26
// characters of Crockford's base 32 (https://github.com/ulid/spec), so text order is time order.
// An OperationId is a Ulid, or a Ulid and a line number for an operation inside a batch file:
// "01K…" or "01K….17". Values only: the clock and the randomness come from the caller.

#include <array>
#include <chrono>
#include <compare>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "libcore/base/result.hpp"
#include "libcore/base/time.hpp"

namespace core {

class Ulid {
 public:
  static constexpr std::size_t k_length = 26;

  Ulid() = default;
  // `random` fills the low 80 bits.
  Ulid(Time time, const std::array<std::uint8_t, 10>& random);

  // Upper case only: a file name must have one spelling. nullopt for anything else.
  static std::optional<Ulid> parse(std::string_view text);

  [[nodiscard]] std::string text() const;
  [[nodiscard]] Time time() const;
  // The next value: +1 on the random part, carrying into the time.
  [[nodiscard]] Ulid successor() const;
  // Its 128 bits, the highest first.
  [[nodiscard]] const std::array<std::uint8_t, 16>& bytes() const { return bytes_; }

  auto operator<=>(const Ulid&) const = default;

 private:
  std::array<std::uint8_t, 16> bytes_{};
};

struct OperationId {
  Ulid stem;
  std::uint32_t line = 0;  // 0: a file of its own; n: line n of batch `stem`, counted from 1

  static std::optional<OperationId> parse(std::string_view text);
  [[nodiscard]] std::string text() const;

  auto operator<=>(const OperationId&) const = default;
};

// The prefix or suffix of an id that a user typed: four characters or more of the id alphabet
// and the dot, folded to upper case. Errors: usage.
Result<std::string> parse_id_fragment(std::string_view text);

}  // namespace core
