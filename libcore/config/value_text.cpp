// SPDX-License-Identifier: MIT
#include "libcore/config/value_text.hpp"

#include <algorithm>
#include <charconv>
#include <cmath>

#include <fmt/core.h>

namespace core::config {
namespace {

constexpr int k_max_count = 10'000;  // of connections, attempts, operations in a round
constexpr std::string_view k_separators = " \t\r\n,";

}  // namespace

Result<> read(std::string_view text, ByteCount& value) {
  const auto size = parse_size(text);
  if (!size) return refuse(size.error().message);
  value = *size;
  return {};
}

Result<> read(std::string_view text, std::optional<ByteCount>& value) {
  if (text == k_none) {
    value.reset();
    return {};
  }
  ByteCount size;
  TRY(read(text, size));
  value = size;
  return {};
}

Result<> read(std::string_view text, Duration& value) {
  const auto duration = parse_duration(text);
  if (!duration) return refuse(duration.error().message);
  value = *duration;
  return {};
}

Result<> read(std::string_view text, std::uint64_t& value) {
  const auto number = parse_unsigned(text);
  if (!number) return refuse("not a number: '" + printable(text, 60) + "'");
  value = *number;
  return {};
}

Result<> read(std::string_view text, int& value) {
  std::uint64_t number = 0;
  TRY(read(text, number));
  if (number < 1 || number > k_max_count) {
    return refuse(fmt::format("not between 1 and {}: '{}'", k_max_count, printable(text, 60)));
  }
  value = static_cast<int>(number);
  return {};
}

Result<> read(std::string_view text, std::optional<int>& value) {
  int number = 0;
  TRY(read(text, number));
  value = number;
  return {};
}

Result<> read(std::string_view text, bool& value) {
  if (text != "true" && text != "false") {
    return refuse("not true or false: '" + printable(text, 60) + "'");
  }
  value = text == "true";
  return {};
}

Result<> read(std::string_view text, double& value) {
  double number = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (error != std::errc{} || end != text.data() + text.size() || !std::isfinite(number)) {
    return refuse("not a number: '" + printable(text, 60) + "'");
  }
  value = number;
  return {};
}

Result<> read(std::string_view text, std::string& value) {
  value = text;
  return {};
}

std::vector<std::string_view> list_items(std::string_view text) {
  std::vector<std::string_view> items;
  if (trim(text) == k_none) return items;
  for (std::size_t begin = 0; begin < text.size();) {
    const auto end = std::min(text.find_first_of(k_separators, begin), text.size());
    if (end > begin) items.push_back(text.substr(begin, end - begin));
    begin = end + 1;
  }
  return items;
}

Result<> check_list_item(std::string_view text) {
  if (text.empty() || text == k_none) {
    return refuse("not an item of a list: '" + std::string(text) + "'");
  }
  if (text.find_first_of(k_separators) != std::string_view::npos) {
    return refuse("an item with a blank or comma: write them as %20 and %2C: '" +
                  printable(text, 60) + "'");
  }
  return {};
}

}  // namespace core::config
