// SPDX-License-Identifier: MIT
#pragma once

// Promises: what programs had said before the crash, and what must therefore be true after it.
//
// Every line of a stream is an id that was printed: the operation is pending, its body is
// body_of(name of the stream, number of the line). The stream "say" is the workload's own:
//   may ID STATE    a command has begun that may bring ID there; "all" for every id so far
//   must ID STATE   it has ended well: ID is there and nowhere else
// STATE is pending, synced, failed or gone.

#include <cstdint>
#include <map>
#include <set>
#include <span>
#include <string>
#include <string_view>

#include "libcore/base/result.hpp"
#include "tests/crashlab/replay_log.hpp"

namespace replay {

struct Promise {
  std::string body;
  std::set<std::string> states;  // it is in one of them

  [[nodiscard]] bool allows(const std::string& state) const { return states.contains(state); }
};

// By id. Errors: corrupt, when a line of "say" is none of the above.
core::Result<std::map<std::string, Promise>> promises_of(std::span<const Said> said);

// JSON; some bodies fit in one sector, some take several blocks, and those whose label begins with
// "blob" are too large for the operation's own file. What follows a "~" in the label is ignored, so
// that two operations can have the same body.
std::string body_of(std::string_view label, std::uint64_t line);

}  // namespace replay
