// SPDX-License-Identifier: MIT
#pragma once

// What a program may believe of the published state: the line if it is fresh, and the mode that
// somebody has set. Two small files and, for a line of the daemon, its lock: under 50 µs. Needs no
// shared library.

#include <optional>
#include <string>

#include "libcore/base/result.hpp"
#include "libcore/netstate/override.hpp"
#include "libcore/netstate/published.hpp"
#include "libcore/netstate/state.hpp"
#include "libcore/sys/clock.hpp"
#include "libcore/sys/files.hpp"

namespace core::netstate {

enum class Freshness {
  fresh,
  absent,   // nobody has published
  expired,  // valid_until has passed, or lies so far ahead that the clock must have been set back
  dead,     // the daemon that wrote it has gone
};

struct Reading {
  std::optional<Published> line;  // as it stands there, also when it is stale
  Freshness freshness = Freshness::absent;
  std::optional<Override> override_;  // absent: none, or it is over

  // nullopt: unknown. Nobody may take a stale line for the truth.
  [[nodiscard]] std::optional<State> state() const;
  // The mode that was set, else what it is by itself, with a fresh state. nullopt: unknown, also
  // when one that was set is over and the line does not say what it is by itself.
  [[nodiscard]] std::optional<Mode> mode() const;
};

// `files` is the queue directory. Errors: corrupt for a file that is not what it should be; denied,
// io.
Result<Reading> read_network(const sys::Files& files, const sys::Clock& clock);

// The mode that somebody has set, alone. nullopt: none, or it is over. Errors: the same.
Result<std::optional<Override>> read_override(const sys::Files& files, const sys::Clock& clock);

}  // namespace core::netstate

template <>
inline constexpr std::array<std::string_view, 4> core::enum_names<core::netstate::Freshness>{
    "fresh", "absent", "expired", "dead"};
