// SPDX-License-Identifier: MIT
#pragma once

// How long to wait before the next attempt. Pure: the caller brings the randomness.

#include <chrono>

#include "libcore/base/time.hpp"

namespace core::delivery {

struct Backoff {
  Duration base = std::chrono::seconds{1};
  Duration cap = std::chrono::hours{1};
};

// The pause after `attempts_so_far` attempts, the one that has just failed included. Its upper
// bound is base × 2ⁿ⁻¹, never above cap; jitter01 in [0, 1] picks the part of it
// ("full jitter": many clients that failed together must not come back together).
Duration backoff(const Backoff& rule, int attempts_so_far, double jitter01);

// The pause of an operation that waits on its own account, for so long now: as long again, from a
// second to five minutes, but never longer than cap: the index does not believe a time that is
// further ahead.
Duration pause_after(Duration waited, Duration cap);

}  // namespace core::delivery
