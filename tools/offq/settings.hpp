// SPDX-License-Identifier: MIT
#pragma once

// The configuration of the queue that a command works on.

#include "libcore/cli/settings.hpp"

namespace offq {

using core::cli::load_settings;
using core::cli::settings_sources;

}  // namespace offq
