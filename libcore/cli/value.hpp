// SPDX-License-Identifier: MIT
#pragma once

// parse_value<T>: the only code that turns the text of an option or operand into a value, and
// default_text, its way back. Errors are usage and say what would have been accepted; the caller
// puts the option's name in front.

#include <concepts>
#include <cstdint>
#include <limits>
#include <optional>
#include <string>
#include <string_view>
#include <type_traits>
#include <vector>

#include "libcore/base/enum_names.hpp"
#include "libcore/base/result.hpp"
#include "libcore/base/time.hpp"
#include "libcore/base/units.hpp"

namespace core::cli {

Result<std::int64_t> parse_integer(std::string_view text, std::int64_t min, std::int64_t max);
Result<double> parse_real(std::string_view text);
// "a, b or c" is what would have been accepted.
tl::unexpected<Error> not_one_of(std::string_view text, const std::vector<std::string>& choices);

template <typename T>
concept NamedEnum = std::is_enum_v<T> && !enum_names<T>.empty();

template <typename T>
concept Integer = std::integral<T> && !std::same_as<T, bool>;

// The accepted words of an enum; empty for other types. A value whose name is empty stands for
// "none" and cannot be typed.
template <typename T>
std::vector<std::string> choices_of() {
  if constexpr (NamedEnum<T>) {
    std::vector<std::string> words;
    for (const auto name : enum_names<T>) {
      if (!name.empty()) words.emplace_back(name);
    }
    return words;
  } else {
    return {};
  }
}

template <typename T>
Result<T> parse_value(std::string_view text) {
  if constexpr (std::same_as<T, std::string>) {
    return std::string(text);
  } else if constexpr (NamedEnum<T>) {
    const auto value = text.empty() ? std::nullopt : value_of<T>(text);
    if (value) return *value;
    return not_one_of(text, choices_of<T>());
  } else if constexpr (std::same_as<T, Duration>) {
    return parse_duration(text);
  } else if constexpr (std::same_as<T, ByteCount>) {
    return parse_size(text);
  } else if constexpr (std::floating_point<T>) {
    return parse_real(text);
  } else {
    static_assert(Integer<T> && (std::signed_integral<T> || sizeof(T) < sizeof(std::int64_t)));
    TRY_ASSIGN(const std::int64_t value,
               parse_integer(text, std::numeric_limits<T>::min(), std::numeric_limits<T>::max()));
    return static_cast<T>(value);
  }
}

// What help shows as the default; empty where there is nothing to say.
template <typename T>
std::string default_text(const T& value) {
  if constexpr (NamedEnum<T>) {
    return std::string(name_of(value));
  } else if constexpr (std::same_as<T, Duration>) {
    return format_duration(value);
  } else if constexpr (std::same_as<T, ByteCount>) {
    return format_size(value);
  } else if constexpr (Integer<T>) {
    return std::to_string(value);
  } else {
    return {};
  }
}

}  // namespace core::cli
