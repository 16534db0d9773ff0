// SPDX-License-Identifier: MIT
#include "libcore/codec/json_members.hpp"

#include <algorithm>

#include <nlohmann/json.hpp>

#include "libcore/base/text.hpp"
#include "libcore/codec/json_check.hpp"

namespace core::codec {
namespace {

// Past blanks and the commas and colons between values.
std::string_view skip_between(std::string_view text) {
  const auto begin = text.find_first_not_of(" \t\r\n,:");
  return begin == std::string_view::npos ? std::string_view{} : text.substr(begin);
}

std::size_t string_length(std::string_view text) {
  std::size_t i = 1;
  while (true) {
    i = text.find_first_of("\"\\", i);
    if (i >= text.size()) return text.size();
    if (text[i] == '"') return i + 1;
    i += 2;
  }
}

std::size_t container_length(std::string_view text) {
  std::size_t depth = 0;
  std::size_t i = 0;
  while (true) {
    i = text.find_first_of("\"[]{}", i);
    if (i >= text.size()) return text.size();
    if (text[i] == '"') {
      i += string_length(text.substr(i));
      continue;
    }
    depth += text[i] == '[' || text[i] == '{' ? 1 : -1UL;
    ++i;
    if (depth == 0) return i;
  }
}

// The length of the value at the front of `text`.
std::size_t value_length(std::string_view text) {
  if (text.starts_with('"')) return string_length(text);
  if (text.starts_with('{') || text.starts_with('[')) return container_length(text);
  return std::min(text.size(), text.find_first_of(" \t\r\n,]}"));
}

// Takes the value at the front of `rest`; empty at the end of what holds it.
std::string_view take_value(std::string_view& rest) {
  rest = skip_between(rest);
  const auto value = rest.substr(0, value_length(rest));
  rest.remove_prefix(value.size());
  return value;
}

std::string_view inside(std::string_view text) {
  const auto begin = text.find_first_not_of(" \t\r\n");
  return begin == std::string_view::npos ? std::string_view{} : text.substr(begin + 1);
}

}  // namespace

JsonMembers::JsonMembers(std::string_view object) : rest_(inside(object)) {}

std::optional<JsonMember> JsonMembers::next() {
  const auto name = take_value(rest_);
  if (name.empty()) return std::nullopt;
  return JsonMember{.name = name, .value = take_value(rest_)};
}

JsonElements::JsonElements(std::string_view array) : rest_(inside(array)) {}

std::optional<std::string_view> JsonElements::next() {
  const auto value = take_value(rest_);
  return value.empty() ? std::nullopt : std::optional(value);
}

Result<std::string> decode_json_string(std::string_view raw) {
  const bool quoted = raw.size() >= 2 && raw.front() == '"' && raw.back() == '"';
  if (!quoted) return fail(Errc::corrupt, "not a string");
  const auto inner = raw.substr(1, raw.size() - 2);
  if (inner.find('\\') == std::string_view::npos) return std::string(inner);
  constexpr bool k_throws = false;
  const auto value = nlohmann::json::parse(raw, nullptr, k_throws);
  const auto* text = value.get_ptr<const std::string*>();
  if (text == nullptr) return fail(Errc::corrupt, "not a string");
  return *text;
}

Result<std::vector<std::pair<std::string, std::string>>> json_members(std::string_view object) {
  TRY_ASSIGN(const auto kind, check_json(object));
  if (kind != JsonKind::object) return fail(Errc::corrupt, "not an object");
  std::vector<std::pair<std::string, std::string>> members;
  JsonMembers slices(object);
  while (const auto slice = slices.next()) {
    TRY_ASSIGN(std::string name, decode_json_string(slice->name));
    members.emplace_back(std::move(name), slice->value);
  }
  std::vector<std::string_view> names;
  for (const auto& [name, value] : members)
    names.push_back(name);
  std::ranges::sort(names);
  if (const auto twice = std::ranges::adjacent_find(names); twice != names.end()) {
    return fail(Errc::corrupt, printable(*twice, 60) + ": given twice");
  }
  return members;
}

Result<std::vector<std::string>> json_elements(std::string_view array) {
  TRY_ASSIGN(const auto kind, check_json(array));
  if (kind != JsonKind::array) return fail(Errc::corrupt, "not an array");
  std::vector<std::string> elements;
  JsonElements slices(array);
  while (const auto slice = slices.next())
    elements.emplace_back(*slice);
  return elements;
}

}  // namespace core::codec
