// SPDX-License-Identifier: MIT
// Reading and writing expectations: apart from expect.cpp, so that a program which only enqueues
// does not link simdjson.
#include <set>

#include <fmt/core.h>

#include "libcore/base/text.hpp"
#include "libcore/codec/json_check.hpp"
#include "libcore/codec/json_members.hpp"
#include "libcore/codec/json_pointer.hpp"
#include "libcore/codec/json_text.hpp"
#include "libcore/delivery/expect.hpp"

namespace core::delivery {
namespace {

constexpr std::size_t k_shown = 60;

tl::unexpected<Error> refuse(std::string_view what, std::string_view offending) {
  return fail(Errc::usage, fmt::format("expect: {}: '{}'", what, printable(offending, k_shown)));
}

std::optional<int> status_number(std::string_view text) {
  const auto number = parse_unsigned(text);
  if (text.size() != 3 || !number || *number < 100 || *number > 599) return std::nullopt;
  return static_cast<int>(*number);
}

// "200", "2xx", "200-204"
std::optional<StatusRange> parse_range(std::string_view text) {
  if (text.size() == 3 && text[0] >= '1' && text[0] <= '5' &&
      equals_ignoring_case(text.substr(1), "xx")) {
    const int hundreds = (text[0] - '0') * 100;
    return StatusRange{.first = hundreds, .last = hundreds + 99};
  }
  const auto dash = text.find('-');
  const auto first = status_number(text.substr(0, dash));
  const auto last = dash == std::string_view::npos ? first : status_number(text.substr(dash + 1));
  if (!first || !last || *first > *last) return std::nullopt;
  return StatusRange{.first = *first, .last = *last};
}

// --- writing ---

Result<std::string> header_object(const std::vector<std::string>& headers) {
  codec::JsonObject object;
  std::set<std::string_view> names;
  for (const auto& text : headers) {
    const auto colon = text.find(':');
    const auto name = trim(std::string_view{text}.substr(0, colon));
    if (colon == std::string::npos || name.empty() || !is_valid_utf8(text)) {
      return refuse("not a header, write 'Name: value'", text);
    }
    if (!names.insert(name).second) return refuse("the header is named twice", name);
    object.add(name, trim(std::string_view{text}.substr(colon + 1)));
  }
  return object.text();
}

Result<std::string> pointer_object(const std::vector<std::string>& pointers) {
  codec::JsonObject object;
  std::set<std::string_view> names;
  for (const auto& text : pointers) {
    const auto equals = text.find('=');
    if (equals == std::string::npos) return refuse("write /pointer=value", text);
    const auto pointer = std::string_view{text}.substr(0, equals);
    const auto value = std::string_view{text}.substr(equals + 1);
    if (!codec::parse_json_pointer(pointer) || !is_valid_utf8(text)) {
      return refuse("not a JSON pointer, write /a/b", text);
    }
    if (!names.insert(pointer).second) return refuse("the pointer is given twice", pointer);
    object.add_raw(pointer,
                   codec::check_json(value) ? std::string(value) : codec::quote_json(value));
  }
  return object.text();
}

// --- reading ---

Result<> read_status_list(std::string_view list, Expect& expect) {
  TRY_ASSIGN(const auto ranges, parse_status_list(list));
  expect.status.insert(expect.status.end(), ranges.begin(), ranges.end());
  return {};
}

Result<> read_status(std::string_view raw, Expect& expect) {
  if (raw.starts_with('[')) {
    TRY_ASSIGN(const std::vector<std::string> elements, codec::json_elements(raw));
    for (const auto& element : elements) {
      if (element.starts_with('[')) return refuse("not a status", element);
      TRY(read_status(element, expect));
    }
    return {};
  }
  if (!raw.starts_with('"')) return read_status_list(raw, expect);
  TRY_ASSIGN(const std::string list, codec::decode_json_string(raw));
  return read_status_list(list, expect);
}

Result<> read_headers(std::string_view raw, Expect& expect) {
  if (!raw.starts_with('{')) return refuse("'header' must be an object", raw);
  TRY_ASSIGN(const auto members, codec::json_members(raw));
  for (const auto& [name, value] : members) {
    if (name.empty()) return refuse("a header without a name", raw);
    if (!value.starts_with('"')) return refuse("a header's value must be a string", value);
    TRY_ASSIGN(std::string text, codec::decode_json_string(value));
    expect.headers.emplace_back(name, std::move(text));
  }
  return {};
}

Result<> read_json(std::string_view raw, Expect& expect) {
  if (!raw.starts_with('{')) return refuse("'json' must be an object", raw);
  TRY_ASSIGN(auto members, codec::json_members(raw));
  for (const auto& [pointer, value] : members) {
    if (!codec::parse_json_pointer(pointer)) {
      return refuse("not a JSON pointer, write /a/b", pointer);
    }
  }
  expect.json = std::move(members);
  return {};
}

}  // namespace

Result<std::vector<StatusRange>> parse_status_list(std::string_view list) {
  std::vector<StatusRange> ranges;
  for (const auto part : split(list, ',')) {
    const auto range = parse_range(trim(part));
    if (!range) return refuse("not a status, write 200, 2xx or 200-204", list);
    ranges.push_back(*range);
  }
  return ranges;
}

Result<Expect> parse_expect(std::string_view json_object) {
  const auto kind = codec::check_json(json_object);
  if (!kind || *kind != codec::JsonKind::object) return refuse("not a JSON object", json_object);
  TRY_ASSIGN(const auto members, codec::json_members(json_object));
  Expect expect;
  for (const auto& [key, raw] : members) {
    if (key == "status") {
      TRY(read_status(raw, expect));
    } else if (key == "header") {
      TRY(read_headers(raw, expect));
    } else if (key == "json") {
      TRY(read_json(raw, expect));
    } else {
      return refuse("unknown member, known are status, header and json", key);
    }
  }
  return expect;
}

namespace {

// One status as it is, several as an array: 200 is a number, "2xx" and "200-204" are strings.
Result<std::string> status_value(const std::vector<std::string>& lists) {
  std::string elements;
  std::size_t count = 0;
  for (const auto& list : lists) {
    TRY(parse_status_list(list));
    for (const auto part : split(list, ',')) {
      const std::string status = to_lower(trim(part));
      elements += elements.empty() ? "" : ",";
      elements += status_number(status) ? status : codec::quote_json(status);
      ++count;
    }
  }
  return count == 1 ? elements : "[" + elements + "]";
}

}  // namespace

Result<std::string> expect_json(const std::vector<std::string>& statuses,
                                const std::vector<std::string>& headers,
                                const std::vector<std::string>& pointers) {
  codec::JsonObject object;
  if (!statuses.empty()) {
    TRY_ASSIGN(const std::string text, status_value(statuses));
    object.add_raw("status", text);
  }
  if (!headers.empty()) {
    TRY_ASSIGN(const std::string text, header_object(headers));
    object.add_raw("header", text);
  }
  if (!pointers.empty()) {
    TRY_ASSIGN(const std::string text, pointer_object(pointers));
    object.add_raw("json", text);
  }
  return object.text();
}

}  // namespace core::delivery
