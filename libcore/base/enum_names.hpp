// SPDX-License-Identifier: MIT
#pragma once

// The text of an enum's values, in one table beside the enum. Specialise enum_names<E> with a
// constexpr std::array<std::string_view, N> in the order of the enumerators, which must count
// from 0 without gaps.

#include <array>
#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

namespace core {

template <typename E>
inline constexpr std::array<std::string_view, 0> enum_names{};

template <typename E>
constexpr std::string_view name_of(E value) {
  return enum_names<E>[static_cast<std::size_t>(value)];
}

template <typename E>
constexpr std::optional<E> value_of(std::string_view name) {
  for (std::size_t i = 0; i < enum_names<E>.size(); ++i) {
    if (enum_names<E>[i] == name) return static_cast<E>(i);
  }
  return std::nullopt;
}

// "a, b or c", for messages that say what would have been accepted.
template <typename E>
std::string list_names() {
  std::string text;
  const auto& names = enum_names<E>;
  for (std::size_t i = 0; i < names.size(); ++i) {
    if (i > 0) text += i + 1 == names.size() ? " or " : ", ";
    text += names[i];
  }
  return text;
}

}  // namespace core
