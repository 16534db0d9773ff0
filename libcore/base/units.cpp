// SPDX-License-Identifier: MIT
#include "libcore/base/units.hpp"

#include <array>
#include <cmath>
#include <cstdlib>
#include <utility>

#include <fmt/core.h>

#include "libcore/base/text.hpp"

namespace core {
namespace {

constexpr std::array<std::pair<std::string_view, double>, 10> k_units{{
    {"", 1},
    {"b", 1},
    {"kb", 1e3},
    {"mb", 1e6},
    {"gb", 1e9},
    {"tb", 1e12},
    {"kib", 1024.0},
    {"mib", 1024.0 * 1024},
    {"gib", 1024.0 * 1024 * 1024},
    {"tib", 1024.0 * 1024 * 1024 * 1024},
}};

}  // namespace

Result<ByteCount> parse_size(std::string_view text) {
  const std::string number(text.substr(0, text.find_first_not_of("0123456789.")));
  const auto unit = to_lower(trim(text.substr(number.size())));
  char* end = nullptr;
  const double value = std::strtod(number.c_str(), &end);
  for (const auto& [name, factor] : k_units) {
    if (number.empty() || *end != '\0' || unit != name || value * factor > 9e18) continue;
    return ByteCount{static_cast<std::uint64_t>(std::llround(value * factor))};
  }
  return fail(Errc::usage, fmt::format("not a size: '{}': write it as 512, 10KB, 4MiB or 1.5GB",
                                       printable(text, 60)));
}

Result<ByteCount> parse_rate(std::string_view text) {
  const auto refused = [text] {
    return fail(Errc::usage, fmt::format("not a rate: '{}': write it as 50KB/s, or 50kbps for bits",
                                         printable(text, 60)));
  };
  constexpr std::string_view k_bits = "bps";
  constexpr std::string_view k_bytes = "/s";
  constexpr std::uint64_t k_bits_of_byte = 8;
  if (text.ends_with(k_bits)) {
    const auto bits = parse_size(text.substr(0, text.size() - k_bits.size() + 1));
    if (!bits || text.find('i') != std::string_view::npos) return refused();
    return ByteCount{(bits->value + k_bits_of_byte - 1) / k_bits_of_byte};
  }
  const auto bytes =
      parse_size(text.ends_with(k_bytes) ? text.substr(0, text.size() - k_bytes.size()) : text);
  if (!bytes) return refused();
  return *bytes;
}

namespace {

struct Scaled {
  double value;
  std::string_view unit;
};

Scaled scaled(ByteCount size) {
  constexpr std::array<std::string_view, 5> k_names{"B", "kB", "MB", "GB", "TB"};
  auto value = static_cast<double>(size.value);
  std::size_t unit = 0;
  while (value >= 999.5 && unit + 1 < k_names.size()) {
    value /= 1000;
    ++unit;
  }
  return {.value = value, .unit = k_names[unit]};
}

std::string with_digits(const Scaled& size, int digits) {
  return fmt::format("{:.{}f} {}", size.value, digits, size.unit);
}

}  // namespace

std::string format_size(ByteCount size) {
  const auto shown = scaled(size);
  return with_digits(shown, shown.unit == "B" || shown.value >= 9.95 ? 0 : 1);
}

std::string format_size(ByteCount size, ByteCount beside) {
  constexpr int k_most_digits = 12;  // a byte of a terabyte
  auto text = format_size(size);
  if (size == beside || text != format_size(beside)) return text;
  for (int digits = 1; digits <= k_most_digits; ++digits) {
    text = with_digits(scaled(size), digits);
    if (text != with_digits(scaled(beside), digits)) break;
  }
  return text;
}

}  // namespace core
