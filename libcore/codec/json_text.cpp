// SPDX-License-Identifier: MIT
#include "libcore/codec/json_text.hpp"

#include <array>
#include <charconv>
#include <cmath>
#include <cstdint>
#include <cstring>

#include "libcore/base/text.hpp"

namespace core::codec {
namespace {

constexpr std::string_view k_replacement = "\xEF\xBF\xBD";  // U+FFFD

void append_escape(std::string& out, char c) {
  constexpr std::string_view k_short = "\"\"\\\\\bb\ff\nn\rr\tt";  // byte, letter, byte, letter…
  constexpr std::string_view k_hex = "0123456789abcdef";
  for (std::size_t i = 0; i < k_short.size(); i += 2) {
    if (k_short[i] != c) continue;
    out += '\\';
    out += k_short[i + 1];
    return;
  }
  const auto byte = static_cast<unsigned char>(c);
  out += "\\u00";
  out += k_hex[byte >> 4U];
  out += k_hex[byte & 15U];
}

// Bytes that stand for themselves: ASCII but for controls, quote and backslash.
constexpr std::array<bool, 256> k_is_plain = [] {
  std::array<bool, 256> plain{};
  for (std::size_t byte = 0x20; byte < 0x80; ++byte)
    plain[byte] = byte != '"' && byte != '\\';
  return plain;
}();

// How many bytes at the front of `text` stand for themselves, eight at a time. In a sum below, a
// byte's highest bit is set if it is one of those looked for; a borrow reaches the bytes above such
// a one only, so that no sum has any bit set is exact.
std::size_t plain_length(std::string_view text) {
  constexpr std::uint64_t k_each = 0x0101010101010101;
  std::size_t i = 0;
  for (; i + sizeof(std::uint64_t) <= text.size(); i += sizeof(std::uint64_t)) {
    std::uint64_t word = 0;
    std::memcpy(&word, text.data() + i, sizeof word);
    const std::uint64_t control = word - 0x20 * k_each;
    const std::uint64_t quote = (word ^ '"' * k_each) - k_each;
    const std::uint64_t backslash = (word ^ '\\' * k_each) - k_each;
    if (((word | control | quote | backslash) & 0x80 * k_each) != 0) break;
  }
  while (i < text.size() && k_is_plain[static_cast<unsigned char>(text[i])])
    ++i;
  return i;
}

// The length of the character at the front of `text`; 0 when it is not UTF-8.
std::size_t character_length(std::string_view text) {
  const auto lead = static_cast<unsigned char>(text.front());
  std::size_t length = 2;
  if (lead >= 0xE0) length = 3;
  if (lead >= 0xF0) length = 4;
  return text.size() >= length && is_valid_utf8(text.substr(0, length)) ? length : 0;
}

}  // namespace

void append_quoted(std::string& out, std::string_view text) {
  out += '"';
  std::size_t begin = 0;  // of the bytes that are copied as they are
  std::size_t i = plain_length(text);
  while (i < text.size()) {
    const auto byte = static_cast<unsigned char>(text[i]);
    if (k_is_plain[byte]) {
      i += plain_length(text.substr(i));
      continue;
    }
    const std::size_t length = byte >= 0x80 ? character_length(text.substr(i)) : 0;
    if (length > 0) {
      i += length;
      continue;
    }
    out += text.substr(begin, i - begin);
    if (byte >= 0x80) {
      out += k_replacement;
    } else {
      append_escape(out, text[i]);
    }
    begin = ++i;
  }
  out += text.substr(begin);
  out += '"';
}

std::string quote_json(std::string_view text) {
  std::string out;
  out.reserve(text.size() + 2);
  append_quoted(out, text);
  return out;
}

JsonObject& JsonObject::add(std::string_view key, std::string_view value) {
  if (!empty()) text_ += ',';
  append_quoted(text_, key);
  text_ += ':';
  append_quoted(text_, value);
  return *this;
}

JsonObject& JsonObject::add(std::string_view key, double value) {
  if (!std::isfinite(value)) return add_raw(key, "null");  // JSON has no word for it
  std::array<char, 32> digits{};
  const auto [end, error] = std::to_chars(digits.data(), digits.data() + digits.size(), value);
  return add_raw(key,
                 std::string_view(digits.data(), static_cast<std::size_t>(end - digits.data())));
}

JsonObject& JsonObject::add_raw(std::string_view key, std::string_view json) {
  if (!empty()) text_ += ',';
  append_quoted(text_, key);
  text_ += ':';
  text_ += json;
  return *this;
}

}  // namespace core::codec
