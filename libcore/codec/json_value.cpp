// SPDX-License-Identifier: MIT
#include "libcore/codec/json_value.hpp"

#include <algorithm>

#include <nlohmann/json.hpp>

#include "libcore/base/text.hpp"
#include "libcore/codec/json_check.hpp"
#include "libcore/codec/json_pointer.hpp"
#include "libcore/codec/ondemand.hpp"

namespace core::codec {
namespace {

using simdjson::ondemand::json_type;

// nlohmann compares recursively.
constexpr std::size_t k_max_compared_depth = 500;

tl::unexpected<Error> malformed() {
  return fail(Errc::corrupt, "malformed JSON");
}

using Found = Result<std::optional<OnDemandValue>>;

Found find_member(simdjson::ondemand::object object, std::string_view wanted) {
  for (auto field : object) {
    std::string_view key;
    if (field.unescaped_key().get(key) != simdjson::SUCCESS) return malformed();
    if (key != wanted) continue;
    OnDemandValue value;
    if (field.value().get(value) != simdjson::SUCCESS) return malformed();
    return value;
  }
  return std::nullopt;
}

Found find_element(simdjson::ondemand::array array, std::string_view wanted) {
  const auto index = parse_unsigned(wanted);
  const bool has_leading_zero = wanted.size() > 1 && wanted.front() == '0';
  if (!index || has_leading_zero) return std::nullopt;
  std::uint64_t at = 0;
  for (auto element : array) {
    OnDemandValue value;
    if (element.get(value) != simdjson::SUCCESS) return malformed();
    if (at++ == *index) return value;
  }
  return std::nullopt;
}

// One step down from a document or a value.
template <typename Parent>
Found descend(Parent& parent, const std::string& step) {
  json_type type{};
  if (parent.type().get(type) != simdjson::SUCCESS) return malformed();
  if (type == json_type::object) {
    simdjson::ondemand::object object;
    if (parent.get_object().get(object) != simdjson::SUCCESS) return malformed();
    return find_member(object, step);
  }
  if (type == json_type::array) {
    simdjson::ondemand::array array;
    if (parent.get_array().get(array) != simdjson::SUCCESS) return malformed();
    return find_element(array, step);
  }
  return std::nullopt;
}

std::size_t depth_of(std::string_view text) {
  std::size_t depth = 0;
  std::size_t deepest = 0;
  bool in_string = false;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const char c = text[i];
    if (c == '"') in_string = !in_string;
    if (in_string) {
      if (c == '\\') ++i;
    } else if (c == '[' || c == '{') {
      deepest = std::max(deepest, ++depth);
    } else if ((c == ']' || c == '}') && depth > 0) {
      --depth;
    }
  }
  return deepest;
}

}  // namespace

Result<std::optional<std::string>> json_at(std::string_view text, std::string_view pointer) {
  TRY_ASSIGN(const auto steps, parse_json_pointer(pointer));
  TRY(check_json(text));
  if (steps.empty()) return std::string(trim(text));
  const simdjson::padded_string padded(text);
  simdjson::ondemand::parser parser;
  simdjson::ondemand::document document;
  if (parser.iterate(padded).get(document) != simdjson::SUCCESS) return malformed();
  TRY_ASSIGN(auto value, descend(document, steps.front()));
  for (std::size_t i = 1; value && i < steps.size(); ++i) {
    TRY_ASSIGN(value, descend(*value, steps[i]));
  }
  if (!value) return std::nullopt;
  TRY_ASSIGN(auto raw, read_raw(*value));
  return raw;
}

bool json_equal(std::string_view a, std::string_view b) {
  if (!check_json(a) || !check_json(b)) return false;
  if (trim(a) == trim(b)) return true;
  if (std::max(depth_of(a), depth_of(b)) > k_max_compared_depth) return false;
  constexpr bool k_throws = false;
  const auto left = nlohmann::json::parse(a, nullptr, k_throws);
  const auto right = nlohmann::json::parse(b, nullptr, k_throws);
  return !left.is_discarded() && !right.is_discarded() && left == right;
}

}  // namespace core::codec
