// SPDX-License-Identifier: MIT
#pragma once

// What is known of each family over rounds that ask now of one, now of the other: an answer counts
// at once, silence after three rounds, and both are forgotten when the family's way out changes.

#include <array>
#include <cstddef>

#include "libcore/netstate/evidence.hpp"
#include "libcore/netstate/state.hpp"

namespace core::netstate {

class FamilyMemory {
 public:
  void see_ladder(const Ladder& ladder) {
    for (std::size_t i = 0; i < ladder.size(); ++i) {
      if (ladder[i] == ladder_[i]) continue;
      ladder_[i] = ladder[i];
      entries_[i] = {};
    }
  }
  // `found` is of one round.
  void see(const std::array<FamilyState, 2>& found) {
    for (std::size_t i = 0; i < found.size(); ++i) {
      auto& entry = entries_[i];
      if (found[i] == FamilyState::unknown) continue;
      const bool is_silent = found[i] == FamilyState::failed;
      entry.silences = is_silent ? entry.silences + 1 : 0;
      if (!is_silent || entry.silences >= k_silences) entry.state = found[i];
    }
  }
  // Something outside has answered over one of them.
  void see_answer() {
    if (entries_[0].state == FamilyState::ok || entries_[1].state == FamilyState::ok) return;
    for (std::size_t i = 0; i < entries_.size(); ++i) {
      if (ladder_[i].route == Seen::no) continue;
      const bool is_alone = ladder_[1 - i].route == Seen::no;
      entries_[i] = {.state = is_alone ? FamilyState::ok : FamilyState::unknown};
    }
  }
  [[nodiscard]] std::array<FamilyState, 2> states() const {
    return {entries_[0].state, entries_[1].state};
  }
  // One was silent, and not often enough to count.
  [[nodiscard]] bool is_in_doubt() const {
    for (const auto& entry : entries_) {
      if (entry.silences > 0 && entry.state != FamilyState::failed) return true;
    }
    return false;
  }
  [[nodiscard]] bool has_two_ways() const {
    return ladder_[0].route == Seen::yes && ladder_[1].route == Seen::yes;
  }

 private:
  struct Entry {
    FamilyState state = FamilyState::unknown;
    int silences = 0;  // in a row
  };
  static constexpr int k_silences = 3;

  Ladder ladder_;
  std::array<Entry, 2> entries_;
};

}  // namespace core::netstate
