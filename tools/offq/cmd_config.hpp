// SPDX-License-Identifier: MIT
#pragma once

// offq config: the settings in force, and where they come from.

#include <array>
#include <string_view>

#include "libcore/cli/command.hpp"
#include "libcore/cli/table.hpp"

namespace offq {

enum class ConfigAction { show, check, path };
enum class Origin { no, yes };

struct ConfigOptions {
  ConfigAction action = ConfigAction::show;
  Origin origin = Origin::no;
  core::cli::Format format = core::cli::Format::text;
};

core::cli::Declaration<ConfigOptions> config_command();

}  // namespace offq

template <>
inline constexpr std::array<std::string_view, 3> core::enum_names<offq::ConfigAction>{
    "show", "check", "path"};
