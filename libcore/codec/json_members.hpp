// SPDX-License-Identifier: MIT
#pragma once

// Taking a checked JSON object or array apart into slices of its own text, so that a value can
// travel on byte for byte. Needs no shared library (json_value.hpp does the same with simdjson).
//
// `text` must have been accepted by check_json: what is not JSON gives slices without meaning,
// though never anything outside of `text`.

#include <optional>
#include <string>
#include <string_view>

#include "libcore/base/result.hpp"

namespace core::codec {

struct JsonMember {
  std::string_view name;   // raw, with its quotes
  std::string_view value;  // raw, without the blanks around it
};

// JsonMembers members(object); while (const auto member = members.next()) …
class JsonMembers {
 public:
  explicit JsonMembers(std::string_view object);
  std::optional<JsonMember> next();

 private:
  std::string_view rest_;
};

class JsonElements {
 public:
  explicit JsonElements(std::string_view array);
  std::optional<std::string_view> next();

 private:
  std::string_view rest_;
};

// The text that a raw JSON string stands for. Errors: corrupt, when it is none.
Result<std::string> decode_json_string(std::string_view raw);

}  // namespace core::codec
