// SPDX-License-Identifier: MIT
#pragma once

// The directory in which the state is published, as the command line names it.

#include <memory>

#include "libcore/base/result.hpp"
#include "libcore/cli/context.hpp"
#include "libcore/config/config.hpp"
#include "libcore/config/load.hpp"
#include "libcore/sys/files.hpp"

namespace netwatch {

// Made with its folder netwatch/ when it is missing. Errors: denied, config, full, io.
core::Result<std::unique_ptr<core::sys::Files>> open_place(core::cli::Context& context);

// Borrows the context's environment.
core::config::Sources settings_sources(const core::cli::Context& context);
// Errors: config, the first problem and how many more there are.
core::Result<core::config::Config> load_settings(const core::cli::Context& context);

}  // namespace netwatch
