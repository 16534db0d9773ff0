// SPDX-License-Identifier: MIT
#pragma once

// netwatch mode: what programs shall act on, whatever the state is.

#include <array>
#include <optional>
#include <string>
#include <string_view>

#include "libcore/base/enum_names.hpp"
#include "libcore/base/time.hpp"
#include "libcore/cli/command.hpp"
#include "libcore/cli/table.hpp"

namespace netwatch {

enum class ModeWanted { automatic, online, offline };
enum class Persist { no, yes };
enum class ForceMode { no, yes };

struct ModeOptions {
  std::optional<ModeWanted> wanted;
  std::optional<core::Duration> duration;
  std::string until;
  std::string reason;
  Persist persist = Persist::no;
  ForceMode force = ForceMode::no;
  core::cli::Format format = core::cli::Format::text;
};

core::cli::Declaration<ModeOptions> mode_command();

}  // namespace netwatch

template <>
inline constexpr std::array<std::string_view, 3> core::enum_names<netwatch::ModeWanted>{
    "auto", "online", "offline"};
