// SPDX-License-Identifier: MIT
#pragma once

// What `netwatch doctor` examines in the queue directory: whether it can be written, who looks at
// the network for it, its hooks and its budget. For doctor_checks alone, which says how.

#include <vector>

#include "libcore/base/check.hpp"
#include "libcore/cli/context.hpp"
#include "libcore/config/config.hpp"

namespace netwatch {

// In the order of the report.
std::vector<core::Check> examine_directory(core::cli::Context& context,
                                           const core::config::Config& config);

}  // namespace netwatch
