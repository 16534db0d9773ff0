// SPDX-License-Identifier: MIT
#pragma once

// What an examination of this machine finds: a sentence on each thing, and what to do about it.

#include <algorithm>
#include <array>
#include <span>
#include <string>
#include <string_view>

#include "libcore/base/enum_names.hpp"
#include "libcore/base/result.hpp"

namespace core {

// warn: it works, and a promise is weaker than it could be. fail: it does not work.
enum class Level { ok, warn, fail };

struct Check {
  std::string name;
  Level level = Level::ok;
  std::string text;
  std::string hint{};     // what to do; empty: nothing
  Errc cause = Errc::io;  // of a fail: what others will fail with
};

inline Level worst_of(std::span<const Check> checks) {
  Level worst = Level::ok;
  for (const auto& check : checks)
    worst = std::max(worst, check.level);
  return worst;
}

}  // namespace core

template <>
inline constexpr std::array<std::string_view, 3> core::enum_names<core::Level>{"ok", "warn",
                                                                               "fail"};
