// SPDX-License-Identifier: MIT
#pragma once

// What options of several commands have in common.

#include <string_view>

#include "libcore/base/result.hpp"
#include "libcore/base/time.hpp"
#include "libcore/cli/command.hpp"
#include "libcore/cli/table.hpp"

namespace netwatch {

// --json, which prints `what`: "one JSON object".
void bind_json(core::cli::Binder& binder, core::cli::Format& format, std::string_view what);
// --network NAME, whose budget is meant.
void bind_network(core::cli::Binder& binder, std::string& network);

// Errors: usage, naming the option.
core::Result<> not_negative(std::string_view option, std::int64_t value);
core::Result<> not_negative(std::string_view option, core::Duration value);
core::Result<> more_than_nothing(std::string_view option, core::Duration value);

}  // namespace netwatch
