// SPDX-License-Identifier: MIT
#pragma once

// The ledger, ledger.jsonl: what became of serial numbers that no operation on disk carries any
// more, or never did. A line each time, sealed like an operation; append-only. It is what lets
// `offq verify` tell a removal from a loss, and holds nothing that an operation needs.

#include <array>
#include <functional>
#include <string_view>

#include "libcore/base/enum_names.hpp"
#include "libcore/base/result.hpp"
#include "libcore/base/serial.hpp"
#include "libcore/base/time.hpp"
#include "libcore/sys/files.hpp"

namespace core::queue {

enum class Fate {
  given,      // were given out, at least: the end of a series that was not continued
  unprinted,  // taken by an enqueue that ended before it printed an id
  deleted,    // of operations that were deleted on request
  pruned,     // of operations that were settled, and then removed
  accepted,   // missing, and a person said that this is known
};

// Nothing to note is no error. Sync::yes: durable, with the name of the file, when this returns.
// Errors: full, io, denied.
Result<> note_in_ledger(sys::Files& files, Fate fate, const SerialSet& serials, Time now,
                        sys::Sync sync);

// Calls `visit` for every line that can be trusted; a missing ledger has none.
Result<> each_ledger_line(const sys::Files& files,
                          const std::function<void(Fate fate, const SerialSet& serials)>& visit);

}  // namespace core::queue

template <>
inline constexpr std::array<std::string_view, 5> core::enum_names<core::queue::Fate>{
    "given", "unprinted", "deleted", "pruned", "accepted"};
