// SPDX-License-Identifier: MIT
#pragma once

// When somebody who stays with a queue has to look at it again although nothing happens. Pure.

#include <optional>
#include <vector>

#include "libcore/base/time.hpp"
#include "libcore/delivery/breaker.hpp"

namespace core::delivery {

struct Ahead {
  std::optional<Time> due;        // the first operation whose time is reached after now
  std::optional<Time> expiry;     // the first that expires after now
  std::vector<Hold> holds;        // on destinations that something waits for
  std::optional<Time> network{};  // the end of what is known of it
};

// The first of what lies ahead, or `interval` from now: some changes tell nobody. A destination
// that asks to be tried again at once is given half a second.
Time next_wake(const Ahead& ahead, Time now, Duration interval);

}  // namespace core::delivery
