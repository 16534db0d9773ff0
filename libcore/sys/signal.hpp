// SPDX-License-Identifier: MIT
#pragma once

// SIGINT and SIGTERM for commands that must finish cleanly. Nothing is caught until a command asks
// for it. The first signal only sets the flag, which interrupted system calls (EINTR) make visible
// at once; a second one of the same kind kills as usual.

#include <optional>

#include "libcore/base/result.hpp"

namespace core::sys {

// From now on SIGINT and SIGTERM are noted instead of killing.
void catch_interruptions();

// The signal that was noted, if any.
std::optional<int> interruption();

// Error interrupted (SIGINT) or terminated (SIGTERM) when a signal was noted.
Result<> check_interruption();

// Writing to a closed pipe gives EPIPE instead of killing.
void ignore_broken_pipes();

}  // namespace core::sys
