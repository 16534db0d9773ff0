// SPDX-License-Identifier: MIT
#pragma once

// Who runs a command: for those who wonder later who has set a mode.

#include <string>

#include "libcore/sys/environment.hpp"
#include "libcore/sys/machine.hpp"

namespace netwatch {

// "anna (backup.sh)": the user's name, and the program that started this one, where they are known.
std::string author(const core::sys::Environment& environment, const core::sys::Machine& machine);

}  // namespace netwatch
