// SPDX-License-Identifier: MIT
#pragma once

// offq clear: empty one folder of the queue.

#include "tools/offq/selection.hpp"

namespace offq {

struct ClearOptions {
  State state = State::synced;
  Confirm confirm = Confirm::ask;
};

core::cli::Declaration<ClearOptions> clear_command();

}  // namespace offq
