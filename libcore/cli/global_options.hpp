// SPDX-License-Identifier: MIT
#pragma once

// The options that every command of every program takes, before or after the command's name.

#include <array>
#include <optional>
#include <string>
#include <string_view>

#include "libcore/cli/command.hpp"
#include "libcore/cli/context.hpp"

namespace core::cli {

enum class When { automatic, always, never };
enum class Asked { nothing, help, version };

struct GlobalOptions {
  std::optional<std::string> directory;
  When color = When::automatic;
  Verbosity verbosity = Verbosity::normal;
  Asked asked = Asked::nothing;
};

void bind_global(Binder& binder, GlobalOptions& options);

// Errors: usage.
Result<> check_global(const GlobalOptions& options);

// Puts directory, colours and verbosity into `context`, whose environment and terminal are set.
void apply_global(const GlobalOptions& options, Context& context);

}  // namespace core::cli

template <>
inline constexpr std::array<std::string_view, 3> core::enum_names<core::cli::When>{"auto", "always",
                                                                                   "never"};
