// SPDX-License-Identifier: MIT
#pragma once

// The configuration of the queue that a command works on: config::load with the environment and
// the directory of a cli::Context.

#include "libcore/cli/context.hpp"
#include "libcore/config/config.hpp"
#include "libcore/config/load.hpp"

namespace offq {

// Borrows the context's environment.
core::config::Sources settings_sources(const core::cli::Context& context);

// Errors: config, the first problem and how many more there are.
core::Result<core::config::Config> load_settings(core::cli::Context& context);

}  // namespace offq
