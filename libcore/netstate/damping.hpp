// SPDX-License-Identifier: MIT
#pragma once

// Too many changes of the state in too short a time are flapping: what would be told of each waits
// for quiet.

#include <cstddef>
#include <deque>

#include "libcore/netstate/timing.hpp"

namespace core::netstate {

class Damping {
 public:
  void note_change(const Timing& timing, Duration now) {
    changes_.push_back(now);
    while (now - changes_.front() > timing.flap_window)
      changes_.pop_front();
    const bool are_too_many = changes_.size() > static_cast<std::size_t>(timing.flap_changes);
    if (are_too_many || is_flapping(now)) quiet_at_ = now + timing.flap_hold;
  }
  [[nodiscard]] bool is_flapping(Duration now) const { return now < quiet_at_; }
  // From when it is over, if nothing changes meanwhile.
  [[nodiscard]] Duration quiet_at() const { return quiet_at_; }

 private:
  std::deque<Duration> changes_;  // within the window
  Duration quiet_at_{};
};

}  // namespace core::netstate
