// SPDX-License-Identifier: MIT
#include "libcore/codec/json_flat.hpp"

#include <limits>

#include <nlohmann/json.hpp>

#include "libcore/base/text.hpp"

namespace core::codec {

Result<FlatObject> parse_flat_object(std::string_view text) {
  const auto object = nlohmann::json::parse(text, nullptr, /*allow_exceptions=*/false);
  if (!object.is_object()) return fail(Errc::corrupt, "not a JSON object");
  FlatObject members;
  for (const auto& [name, value] : object.items()) {
    const auto* string = value.get_ptr<const std::string*>();
    members[name] = string != nullptr ? *string : value.dump();
  }
  return members;
}

std::string text_of(const FlatObject& object, const std::string& name) {
  const auto found = object.find(name);
  return found == object.end() ? std::string{} : found->second;
}

std::uint64_t number_of(const FlatObject& object, const std::string& name) {
  return parse_unsigned(text_of(object, name)).value_or(0);
}

int small_number_of(const FlatObject& object, const std::string& name) {
  const auto number = number_of(object, name);
  return number <= static_cast<std::uint64_t>(std::numeric_limits<int>::max())
             ? static_cast<int>(number)
             : 0;
}

}  // namespace core::codec
