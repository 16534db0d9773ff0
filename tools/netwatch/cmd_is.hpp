// SPDX-License-Identifier: MIT
#pragma once

// netwatch is: one question about what is published, answered by the exit status.

#include <array>
#include <optional>
#include <string_view>

#include "libcore/base/enum_names.hpp"
#include "libcore/base/time.hpp"
#include "libcore/cli/command.hpp"

namespace netwatch {

enum class Condition { online, offline, connected, limited, disconnected, metered, portal };

struct IsOptions {
  Condition condition = Condition::online;
  std::optional<core::Duration> max_age;
};

core::cli::Declaration<IsOptions> is_command();

}  // namespace netwatch

template <>
inline constexpr std::array<std::string_view, 7> core::enum_names<netwatch::Condition>{
    "online", "offline", "connected", "limited", "disconnected", "metered", "portal"};
