// SPDX-License-Identifier: MIT
#pragma once

// netwatch daemon: stays, looks and publishes.

#include "libcore/cli/command.hpp"

namespace netwatch {

enum class Foreground { implied, said };

struct DaemonOptions {
  Foreground foreground = Foreground::implied;
};

core::cli::Declaration<DaemonOptions> daemon_command();

}  // namespace netwatch
