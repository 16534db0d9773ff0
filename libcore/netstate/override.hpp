// SPDX-License-Identifier: MIT
#pragma once

// A mode that somebody has set, `netwatch/mode.json` in the queue directory: text to values and
// back. It never changes the state.

#include <optional>
#include <string>
#include <string_view>

#include "libcore/base/result.hpp"
#include "libcore/base/time.hpp"
#include "libcore/netstate/state.hpp"

namespace core::netstate {

struct Override {
  Mode mode = Mode::offline;
  Time since;
  std::optional<Time> until{};  // absent: until it is set to auto
  std::string by;               // user name, and the command where one is known
  std::string reason{};         // empty: none was given
  std::string boot{};           // it ends with this boot; empty: it does not (--persist)

  // Whether it still counts.
  [[nodiscard]] bool holds(Time now, std::string_view this_boot) const {
    return (!until || now < *until) && (boot.empty() || boot == this_boot);
  }
  bool operator==(const Override&) const = default;
};

// One JSON object on one line.
std::string format_override(const Override& override_);
// Of one that a person has written, the mode is enough: it is set since `written`, by "unknown".
// Errors: corrupt.
Result<Override> parse_override(std::string_view text, Time written);

}  // namespace core::netstate
