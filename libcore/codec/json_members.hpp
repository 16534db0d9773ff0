// SPDX-License-Identifier: MIT
#pragma once

// Taking a JSON object or array apart into slices of its own text, so that a value can travel on
// byte for byte. Needs no shared library.

#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "libcore/base/result.hpp"

namespace core::codec {

struct JsonMember {
  std::string_view name;   // raw, with its quotes
  std::string_view value;  // raw, without the blanks around it
};

// JsonMembers members(object); while (const auto member = members.next()) …
// The text must have been accepted by check_json: what is not JSON gives slices without meaning,
// though never anything outside of it.
class JsonMembers {
 public:
  explicit JsonMembers(std::string_view object);
  std::optional<JsonMember> next();

 private:
  std::string_view rest_;
};

// The same for an array.
class JsonElements {
 public:
  explicit JsonElements(std::string_view array);
  std::optional<std::string_view> next();

 private:
  std::string_view rest_;
};

// The text that a raw JSON string stands for. Errors: corrupt, when it is none.
Result<std::string> decode_json_string(std::string_view raw);

// For small objects, which are checked first. The members in order: decoded name, raw value.
// Errors: corrupt, also when a name repeats.
Result<std::vector<std::pair<std::string, std::string>>> json_members(std::string_view object);

// The raw elements of an array in order. Errors: corrupt.
Result<std::vector<std::string>> json_elements(std::string_view array);

}  // namespace core::codec
