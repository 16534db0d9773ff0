// SPDX-License-Identifier: MIT
#pragma once

// When what was read of the network ends by itself, for those who sleep until something changes.

#include <algorithm>
#include <optional>

#include "libcore/base/time.hpp"
#include "libcore/netstate/reading.hpp"

namespace netwatch {

// From `now` on, at least nothing: a line that is not believed any more, a mode that is over.
// nullopt: nothing ends.
inline std::optional<core::Duration> next_lapse(const core::netstate::Reading& reading,
                                                core::Time now) {
  std::optional<core::Time> lapse;
  if (reading.state()) lapse = reading.line->valid_until;
  const auto over = reading.override_ ? reading.override_->until : std::nullopt;
  if (over) lapse = std::min(lapse.value_or(*over), *over);
  if (!lapse) return std::nullopt;
  return std::max(*lapse - now, core::Duration{0});
}

}  // namespace netwatch
