// SPDX-License-Identifier: MIT
#pragma once

// Rounds in a row that speak against what holds. Three of them settle it, with the best that any
// of them saw: one that reached something is proof enough that not everything is gone.

#include <optional>
#include <utility>

#include "libcore/netstate/timing.hpp"
#include "libcore/netstate/verdict.hpp"

namespace core::netstate {

class Strikes {
 public:
  void add(Verdict verdict, Duration began) {
    if (count_++ == 0) first_began_ = began;
    if (!best_ || verdict.state <= best_->state) best_ = std::move(verdict);
  }
  void clear() { *this = {}; }
  [[nodiscard]] int count() const { return count_; }
  // Something outside has answered: what is to be confirmed is not silence.
  [[nodiscard]] bool has_reached() const { return best_ && best_->state != State::disconnected; }
  // When the next round is due; nullopt: there is nothing to confirm.
  [[nodiscard]] std::optional<Duration> next(const Timing& timing) const {
    if (count_ == 0 || count_ > static_cast<int>(timing.confirm.size())) return std::nullopt;
    return first_began_ + timing.confirm[static_cast<std::size_t>(count_) - 1];
  }
  // Absent while they are too few.
  [[nodiscard]] std::optional<Verdict> settled(const Timing& timing) const {
    return count_ > static_cast<int>(timing.confirm.size()) ? best_ : std::nullopt;
  }

 private:
  int count_ = 0;
  Duration first_began_{};
  std::optional<Verdict> best_;  // State counts from the best to the worst
};

}  // namespace core::netstate
