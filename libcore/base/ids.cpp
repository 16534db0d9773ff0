// SPDX-License-Identifier: MIT
#include "libcore/base/ids.hpp"

#include <algorithm>

#include "libcore/base/text.hpp"

namespace core {
namespace {

constexpr std::string_view k_alphabet = "0123456789ABCDEFGHJKMNPQRSTVWXYZ";
constexpr std::size_t k_bits_per_character = 5;
constexpr std::uint32_t k_max_line = 99'999'999;

constexpr std::array<std::int8_t, 256> make_values() {
  std::array<std::int8_t, 256> values{};
  values.fill(-1);
  for (std::size_t i = 0; i < k_alphabet.size(); ++i) {
    values[static_cast<unsigned char>(k_alphabet[i])] = static_cast<std::int8_t>(i);
  }
  return values;
}
constexpr auto k_values = make_values();

}  // namespace

Ulid::Ulid(Time time, const std::array<std::uint8_t, 10>& random) {
  using std::chrono::milliseconds;
  const auto since = std::chrono::floor<milliseconds>(time.time_since_epoch()).count();
  const auto ms = static_cast<std::uint64_t>(std::max<std::int64_t>(since, 0));
  for (std::size_t i = 0; i < 6; ++i) {
    bytes_[i] = static_cast<std::uint8_t>(ms >> (8 * (5 - i)));
  }
  std::ranges::copy(random, bytes_.begin() + 6);
}

std::optional<Ulid> Ulid::parse(std::string_view text) {
  if (text.size() != k_length || text.front() > '7') return std::nullopt;
  Ulid ulid;
  // 26 characters hold 130 bits; the first two are always zero, so start two bits "in".
  std::uint32_t pending = 0;
  std::size_t bits = 0;
  std::size_t at = 0;
  for (std::size_t i = 0; i < k_length; ++i) {
    const auto value = k_values[static_cast<unsigned char>(text[i])];
    if (value < 0) return std::nullopt;
    pending = (pending << k_bits_per_character) | static_cast<std::uint32_t>(value);
    bits += i == 0 ? 3 : k_bits_per_character;
    if (bits >= 8) {
      bits -= 8;
      ulid.bytes_[at++] = static_cast<std::uint8_t>(pending >> bits);
    }
  }
  return ulid;
}

std::string Ulid::text() const {
  std::string text(k_length, '0');
  std::uint32_t pending = 0;
  std::size_t bits = 2;  // the two leading zero bits of the 130
  std::size_t at = 0;
  for (const auto byte : bytes_) {
    pending = (pending << 8) | byte;
    bits += 8;
    while (bits >= k_bits_per_character) {
      bits -= k_bits_per_character;
      text[at++] = k_alphabet[(pending >> bits) & 31U];
    }
  }
  return text;
}

Time Ulid::time() const {
  std::uint64_t ms = 0;
  for (std::size_t i = 0; i < 6; ++i)
    ms = (ms << 8) | bytes_[i];
  return Time{std::chrono::milliseconds{ms}};
}

Ulid Ulid::successor() const {
  Ulid next = *this;
  for (auto byte = next.bytes_.rbegin(); byte != next.bytes_.rend(); ++byte) {
    if (++*byte != 0) break;
  }
  return next;
}

std::optional<OperationId> OperationId::parse(std::string_view text) {
  const auto dot = text.find('.');
  const auto stem = Ulid::parse(text.substr(0, dot));
  if (!stem) return std::nullopt;
  if (dot == std::string_view::npos) return OperationId{.stem = *stem};
  const auto digits = text.substr(dot + 1);
  if (digits.empty() || digits.front() == '0') return std::nullopt;
  const auto line = parse_unsigned(digits);
  if (!line || *line > k_max_line) return std::nullopt;
  return OperationId{.stem = *stem, .line = static_cast<std::uint32_t>(*line)};
}

std::string OperationId::text() const {
  return line == 0 ? stem.text() : stem.text() + "." + std::to_string(line);
}

Result<std::string> parse_id_fragment(std::string_view text) {
  const std::string upper = to_upper(text);
  const bool known = std::ranges::all_of(
      upper, [](char c) { return c == '.' || k_values[static_cast<unsigned char>(c)] >= 0; });
  if (!known || text.empty()) {
    return fail(Errc::usage, "not an operation id: '" + printable(text, 60) + "'");
  }
  if (upper.size() < 4) {
    return fail(Errc::usage, "id too short: '" + upper + "': give four characters or more");
  }
  return upper;
}

}  // namespace core
