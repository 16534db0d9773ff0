// SPDX-License-Identifier: MIT
#pragma once

// tmp/: what writers that died have left there.

#include "libcore/base/result.hpp"
#include "libcore/queue/recovery.hpp"
#include "libcore/sys/clock.hpp"
#include "libcore/sys/files.hpp"

namespace core::queue {

// Whether somebody is writing in tmp/ now; who does may die without touching the folder again.
enum class Writers { none, some };

// Promotes to pending/ what is whole, removes what is not, and leaves alone what a living process
// writes, and what may not be read. Counted in `report`. Errors: also those of `may_go_on`, which
// is asked at each file and line.
Result<Writers> tidy_temporary(sys::Files& files, const sys::Clock& clock, const MayGoOn& may_go_on,
                               Recovered& report);

}  // namespace core::queue
