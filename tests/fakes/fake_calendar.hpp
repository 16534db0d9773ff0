// SPDX-License-Identifier: MIT
#pragma once

// A time zone in which clocks are changed once.

#include <optional>

#include "libcore/sys/calendar.hpp"

namespace fakes {

class FakeCalendar final : public core::sys::Calendar {
 public:
  core::Duration offset{};
  std::optional<core::Time> changes_at;
  core::Duration offset_then{};

  [[nodiscard]] core::sys::Day day_of(core::Time time) const override {
    const auto local = time + (changes_at && time >= *changes_at ? offset_then : offset);
    return core::sys::Day{std::chrono::floor<std::chrono::days>(local).time_since_epoch()};
  }
  [[nodiscard]] core::Time begin_of(core::sys::Day day) const override {
    const core::Time begin{day.time_since_epoch() - offset};
    return changes_at && begin >= *changes_at ? begin + offset - offset_then : begin;
  }
};

}  // namespace fakes
