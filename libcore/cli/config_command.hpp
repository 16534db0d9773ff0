// SPDX-License-Identifier: MIT
#pragma once

// The command `config`, which every program has: the settings in force, and where they come from.

#include <array>
#include <optional>
#include <string>
#include <string_view>

#include "libcore/cli/command.hpp"
#include "libcore/cli/table.hpp"

namespace core::cli {

enum class ConfigAction { show, get, check, path };
enum class Origin { no, yes };

struct ConfigOptions {
  ConfigAction action = ConfigAction::show;
  std::optional<std::string> key;
  Origin origin = Origin::no;
  Format format = Format::text;
};

// `key` is one that users of the program care about, for an example.
Declaration<ConfigOptions> config_command(const std::string& program, const std::string& key);

Result<ExitCode> run_config(Context& context, const ConfigOptions& options);

}  // namespace core::cli

template <>
inline constexpr std::array<std::string_view, 4> core::enum_names<core::cli::ConfigAction>{
    "show", "get", "check", "path"};
