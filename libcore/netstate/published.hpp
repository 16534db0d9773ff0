// SPDX-License-Identifier: MIT
#pragma once

// The published line, `network` in the queue directory (offkit-network(5)): text to values and
// back. Values only; reading.hpp says what a reader may believe.

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "libcore/base/result.hpp"
#include "libcore/base/time.hpp"
#include "libcore/netstate/state.hpp"

namespace core::netstate {

struct Published {
  std::optional<State> state;  // absent: "unknown": a mode was set before anybody looked
  Mode mode = Mode::offline;
  std::uint64_t generation =
      0;         // grows by one with each change of state, mode, reason or interface
  Time since{};  // of the state
  Time valid_until{};
  std::string interface;  // empty: "-"
  Metered metered = Metered::unknown;
  Reason reason = Reason::not_probed;
  Author by = Author::check;
  // While somebody has set the mode: what it would be by itself, and when it will be that.
  std::optional<Mode> mode_by_itself{};
  std::optional<Time> mode_until{};

  bool operator==(const Published&) const = default;
};

// "connected online 42 1767323045 1767323165 wlan0 metered=no reason=ok by=daemon v=1\n", at most
// 200 bytes. Times are seconds since 1970. Where the mode was set, " auto=offline until=SECONDS"
// follows.
std::string format_published(const Published& published);

// Words after those that are known are ignored, so that later versions may add some. Errors:
// corrupt.
Result<Published> parse_published(std::string_view line);

}  // namespace core::netstate
