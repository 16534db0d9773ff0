// SPDX-License-Identifier: MIT
#pragma once

// netwatch daemon: stays, looks and publishes.

#include "libcore/cli/command.hpp"

namespace netwatch {

struct DaemonOptions {};

core::cli::Declaration<DaemonOptions> daemon_command();

}  // namespace netwatch
