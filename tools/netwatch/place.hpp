// SPDX-License-Identifier: MIT
#pragma once

// The directory in which the state is published, as the command line names it.

#include <memory>

#include "libcore/base/result.hpp"
#include "libcore/cli/context.hpp"
#include "libcore/cli/settings.hpp"
#include "libcore/sys/files.hpp"

namespace netwatch {

// Made with its folder netwatch/ when it is missing. Errors: denied, config, full, io.
core::Result<std::unique_ptr<core::sys::Files>> open_place(core::cli::Context& context);

using core::cli::load_settings;
using core::cli::settings_sources;

}  // namespace netwatch
