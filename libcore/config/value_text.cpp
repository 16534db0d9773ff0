// SPDX-License-Identifier: MIT
#include "libcore/config/value_text.hpp"

#include <charconv>
#include <cmath>

#include <fmt/core.h>

namespace core::config {
namespace {

constexpr int k_max_count = 10'000;  // of connections, attempts, operations in a round

}  // namespace

Result<> read(std::string_view text, ByteCount& value) {
  const auto size = parse_size(text);
  if (!size) return refuse(size.error().message);
  value = *size;
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

}  // namespace core::config
