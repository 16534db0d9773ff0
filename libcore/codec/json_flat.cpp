// SPDX-License-Identifier: MIT
#include "libcore/codec/json_flat.hpp"

#include <nlohmann/json.hpp>

namespace core::codec {

Result<std::map<std::string, std::string>> parse_flat_object(std::string_view text) {
  const auto object = nlohmann::json::parse(text, nullptr, /*allow_exceptions=*/false);
  if (!object.is_object()) return fail(Errc::corrupt, "not a JSON object");
  std::map<std::string, std::string> members;
  for (const auto& [name, value] : object.items()) {
    const auto* string = value.get_ptr<const std::string*>();
    members[name] = string != nullptr ? *string : value.dump();
  }
  return members;
}

}  // namespace core::codec
