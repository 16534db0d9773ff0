// SPDX-License-Identifier: MIT
#pragma once

// The configuration of the queue that a command works on: config::load with the environment and
// the directory of a Context.

#include "libcore/base/result.hpp"
#include "libcore/cli/context.hpp"
#include "libcore/config/config.hpp"
#include "libcore/config/load.hpp"

namespace core::cli {

// Borrows the context's environment.
config::Sources settings_sources(const Context& context);

// Errors: config, the first problem and how many more there are.
Result<config::Config> load_settings(const Context& context);

}  // namespace core::cli
