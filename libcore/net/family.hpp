// SPDX-License-Identifier: MIT
#pragma once

// The two families of internet addresses.

#include <array>
#include <string_view>

#include "libcore/base/enum_names.hpp"

namespace core::net {

enum class Family { v4, v6 };
inline constexpr std::array k_families{Family::v4, Family::v6};

}  // namespace core::net

template <>
inline constexpr std::array<std::string_view, 2> core::enum_names<core::net::Family>{"v4", "v6"};
