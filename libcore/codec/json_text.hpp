// SPDX-License-Identifier: MIT
#pragma once

// Writing JSON text by appending: keys in the order they are added, values escaped here or taken
// verbatim. A user's payload must travel byte for byte, which no document model allows, so offkit
// writes its own files with this and reads them with simdjson.

#include <concepts>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <utility>

namespace core::codec {

// The text as a JSON string, quotes included. Invalid UTF-8 is replaced by U+FFFD.
std::string quote_json(std::string_view text);
void append_quoted(std::string& out, std::string_view text);

// An object in the making: JsonObject o; o.add("id", id); o.add_raw("payload", raw); o.text().
class JsonObject {
 public:
  JsonObject() = default;
  // For an object that is made often and has about so many bytes.
  explicit JsonObject(std::size_t expected) { text_.reserve(expected); }

  JsonObject& add(std::string_view key, std::string_view value);
  JsonObject& add(std::string_view key, const char* value) {
    return add(key, std::string_view{value});
  }
  JsonObject& add(std::string_view key, std::integral auto value) {
    if constexpr (std::same_as<decltype(value), bool>)
      return add_raw(key, value ? "true" : "false");
    return add_raw(key, std::to_string(value));
  }
  JsonObject& add(std::string_view key, double value);
  // `json` is JSON already.
  JsonObject& add_raw(std::string_view key, std::string_view json);

  [[nodiscard]] bool empty() const { return text_.size() == 1; }
  [[nodiscard]] std::string text() const& { return text_ + "}"; }
  [[nodiscard]] std::string text() && { return std::move(text_ += '}'); }

 private:
  std::string text_ = "{";
};

}  // namespace core::codec
