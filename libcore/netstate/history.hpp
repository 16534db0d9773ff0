// SPDX-License-Identifier: MIT
#pragma once

// The history of what was published, one line for each generation (offkit-network(5)), and what it
// says of a span of time: pure.

#include <array>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "libcore/base/result.hpp"
#include "libcore/base/time.hpp"
#include "libcore/netstate/state.hpp"

namespace core::netstate {

struct HistoryEntry {
  Time at;
  std::uint64_t generation = 0;
  std::optional<State> state;  // absent: unknown
  Mode mode = Mode::offline;
  Reason reason = Reason::not_probed;
  std::string interface;
  std::string text;  // the line itself, without its newline
};

// Errors: corrupt.
Result<HistoryEntry> parse_history_line(std::string_view line);

struct History {
  std::vector<HistoryEntry> entries;  // in the order in which they were written
  std::size_t unreadable = 0;         // lines: torn, or not of this format
};
// Of both files, the old one first; either may be empty.
History parse_history(std::string_view old_text, std::string_view text);

// How much of a span of time was spent in which state. An outage is a time of limited or
// disconnected, whatever the reasons.
struct Uptime {
  Time from;  // the first that is known, not before what was asked for
  Time to;
  std::array<Duration, 3> in_state{};  // by State
  Duration unknown{};
  int outages = 0;
  Duration longest_outage{};
  std::optional<Time> longest_began;

  [[nodiscard]] Duration of(State state) const { return in_state[static_cast<std::size_t>(state)]; }
  // Of the time in which the state is known, from 0 to 1; nullopt: never.
  [[nodiscard]] std::optional<double> share(State state) const;
};

// What was said last is believed until `believed_until`, at most to `to`; what comes after that is
// unknown, as is a state that was. Entries of a clock that was set back count as nothing.
Uptime uptime_of(std::span<const HistoryEntry> entries, Time from, Time to, Time believed_until);

}  // namespace core::netstate
