// SPDX-License-Identifier: MIT
#pragma once

// Days of local time as a parameter: where a day begins depends on the time zone, and on whether
// clocks were changed in the night.

#include <chrono>

#include "libcore/base/time.hpp"

namespace core::sys {

using Day = std::chrono::local_days;

class Calendar {
 public:
  Calendar() = default;
  Calendar(const Calendar&) = delete;
  Calendar& operator=(const Calendar&) = delete;
  virtual ~Calendar() = default;

  [[nodiscard]] virtual Day day_of(Time time) const = 0;
  // Its first moment.
  [[nodiscard]] virtual Time begin_of(Day day) const = 0;
};

// As TZ or /etc/localtime says.
class LocalCalendar final : public Calendar {
 public:
  [[nodiscard]] Day day_of(Time time) const override;
  [[nodiscard]] Time begin_of(Day day) const override;
};

}  // namespace core::sys
