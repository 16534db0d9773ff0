// SPDX-License-Identifier: MIT
#pragma once

// netwatch wait: until the network is as wanted.

#include <array>
#include <optional>
#include <string>
#include <string_view>

#include "libcore/base/enum_names.hpp"
#include "libcore/base/time.hpp"
#include "libcore/cli/command.hpp"

namespace netwatch {

enum class Awaited { online, connected, limited, disconnected, change };

struct WaitOptions {
  std::optional<Awaited> awaited;  // absent: online, or of endpoints their answer
  std::optional<core::Duration> timeout;
  std::optional<core::Duration> stable;
  std::optional<std::string> endpoint;
};

core::cli::Declaration<WaitOptions> wait_command();

}  // namespace netwatch

template <>
inline constexpr std::array<std::string_view, 5> core::enum_names<netwatch::Awaited>{
    "online", "connected", "limited", "disconnected", "change"};
