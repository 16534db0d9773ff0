// SPDX-License-Identifier: MIT
#include "libcore/net/http_date.hpp"

#include <algorithm>
#include <array>
#include <chrono>

#include "libcore/base/text.hpp"

namespace core::net {

std::optional<Time> parse_http_date(std::string_view text) {
  constexpr std::string_view k_shape = "aaa, 00 aaa 0000 00:00:00 GMT";
  constexpr std::array<std::string_view, 12> k_months{"Jan", "Feb", "Mar", "Apr", "May", "Jun",
                                                      "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};
  if (text.size() != k_shape.size()) return std::nullopt;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const bool digit = text[i] >= '0' && text[i] <= '9';
    if (k_shape[i] == '0' ? !digit : k_shape[i] != 'a' && k_shape[i] != text[i]) {
      return std::nullopt;
    }
  }
  const auto number = [&](std::size_t at, std::size_t width) {
    return static_cast<int>(parse_unsigned(text.substr(at, width)).value_or(0));
  };
  const auto* month = std::ranges::find(k_months, text.substr(8, 3));
  const auto date = std::chrono::year{number(12, 4)} /
                    std::chrono::month{static_cast<unsigned>(month - k_months.begin() + 1)} /
                    std::chrono::day{static_cast<unsigned>(number(5, 2))};
  const std::chrono::hours hour{number(17, 2)};
  const std::chrono::minutes minute{number(20, 2)};
  const std::chrono::seconds second{number(23, 2)};
  if (!date.ok() || hour > std::chrono::hours{23} || minute > std::chrono::minutes{59} ||
      second > std::chrono::seconds{60}) {
    return std::nullopt;
  }
  return Time{std::chrono::sys_days{date}} + hour + minute + second;
}

}  // namespace core::net
