// SPDX-License-Identifier: MIT
#pragma once

// Waiting, without missing a signal: one that arrives just before it, or that another thread is
// given, ends it as well (sys/signal.hpp).

#include <optional>

#include "libcore/base/result.hpp"
#include "libcore/base/time.hpp"

namespace core::sys {

enum class Ready { no, yes };

// Waits until `fd` has one of these events (POLLIN, POLLOUT) or an error to tell, for at most
// `longest` if that is given. A negative fd never has any. Ready::no: the time is over. Errors: io;
// interrupted or terminated when a signal was noted, before or meanwhile.
Result<Ready> wait_for(int fd, short events, std::optional<Duration> longest);

// Does nothing for so long, or until a signal is noted.
void pause(Duration longest);

}  // namespace core::sys
