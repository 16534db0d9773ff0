// SPDX-License-Identifier: MIT
#include "libcore/codec/json_members.hpp"

#include <algorithm>

#include <nlohmann/json.hpp>

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

}  // namespace core::codec
