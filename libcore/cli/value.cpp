// SPDX-License-Identifier: MIT
#include "libcore/cli/value.hpp"

#include <cmath>
#include <cstdlib>

#include <fmt/core.h>

#include "libcore/base/text.hpp"

namespace core::cli {
namespace {
constexpr std::size_t k_shown = 60;
}

Result<std::int64_t> parse_integer(std::string_view text, std::int64_t min, std::int64_t max) {
  const bool is_signed_twice = text.starts_with("+-");
  const auto value =
      parse_signed(text.starts_with('+') && !is_signed_twice ? text.substr(1) : text);
  if (!value) return fail(Errc::usage, fmt::format("not a number: '{}'", printable(text, k_shown)));
  if (*value >= min && *value <= max) return *value;
  return fail(Errc::usage, fmt::format("number out of range: '{}': must be from {} to {}",
                                       printable(text, k_shown), min, max));
}

Result<double> parse_real(std::string_view text) {
  const std::string copy(text);
  char* end = nullptr;
  const double value = std::strtod(copy.c_str(), &end);
  // strtod also takes blanks, "inf" and hexadecimal; people who type those made a mistake.
  const bool plain = text.find_first_not_of("0123456789.eE+-") == std::string_view::npos;
  if (plain && !copy.empty() && end == copy.c_str() + copy.size() && std::isfinite(value)) {
    return value;
  }
  return fail(Errc::usage, fmt::format("not a number: '{}'", printable(text, k_shown)));
}

tl::unexpected<Error> not_one_of(std::string_view text, const std::vector<std::string>& choices) {
  std::string names;
  for (std::size_t i = 0; i < choices.size(); ++i) {
    if (i > 0) names += i + 1 == choices.size() ? " or " : ", ";
    names += choices[i];
  }
  return fail(Errc::usage, fmt::format("'{}' is not {}", printable(text, k_shown), names));
}

}  // namespace core::cli
