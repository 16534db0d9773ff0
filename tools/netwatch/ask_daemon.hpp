// SPDX-License-Identifier: MIT
#pragma once

// How a check has the daemon look, where one runs.

#include <optional>

#include "libcore/base/result.hpp"
#include "libcore/base/time.hpp"
#include "libcore/cli/context.hpp"
#include "libcore/netstate/document.hpp"
#include "libcore/sys/files.hpp"

namespace netwatch {

// What it has published at `begin`, when the check began, or later, and found at `since` or later.
// nullopt: there is none, it has gone meanwhile, or it stands still, which is a warning. Errors:
// later, when it has heard and does not answer; not_found, when the queue is gone; interrupted,
// terminated, denied, full, io.
core::Result<std::optional<core::netstate::Document>> ask_daemon(core::cli::Context& context,
                                                                 core::sys::Files& files,
                                                                 core::Time begin,
                                                                 core::Time since);

}  // namespace netwatch
