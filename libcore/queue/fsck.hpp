// SPDX-License-Identifier: MIT
#pragma once

// Checking a whole queue. check() reads everything and changes nothing itself; what it finds is
// data. Most damage is mended by recovery once the index is made anew (Store::rebuild_index),
// because then every file is read again: what cannot be read moves to failed/, cut-short moves are
// completed. repair() does what is left. Neither removes bytes that are not stored elsewhere.

#include <array>
#include <cstdint>
#include <functional>
#include <string>
#include <vector>

#include "libcore/base/enum_names.hpp"
#include "libcore/base/ids.hpp"
#include "libcore/base/result.hpp"
#include "libcore/queue/index.hpp"
#include "libcore/sys/clock.hpp"
#include "libcore/sys/files.hpp"

namespace core::queue {

// info: worth knowing, nothing is wrong. warning: wrong, but no operation suffers. damage: an
// operation that is to be delivered, or could be retried, is harmed.
enum class Severity { info, warning, damage };

struct Finding {
  Severity severity = Severity::info;
  std::string path;  // relative to the queue
  std::string what;
  std::string remedy;  // what a repair does; empty: nothing can be done, or need be
};

struct Checkup {
  std::vector<Finding> findings;
  std::uint64_t files = 0;
  std::uint64_t operations = 0;
  std::uint64_t receipts = 0;
  std::uint64_t blobs = 0;
  // Ids of operations that cannot be delivered, nor read any more. Not among them: a file that
  // never was an operation, which recovery gave an id and moved to failed/.
  std::vector<std::string> lost;

  [[nodiscard]] bool is_healthy() const;  // nothing worse than info
};

// `index` is compared with the directory. Others may be at work: where the two differ, `look_again`
// is called, which tells the index what has changed since (Store::refresh), and only what differs
// then as well is a finding. Errors: io, denied, when something cannot be read at all, and those of
// `look_again`.
Result<Checkup> check(const sys::Files& files, Index& index, const sys::Clock& clock,
                      const std::function<Result<>()>& look_again);

// To be called with a fresh index. Removes second copies whose bytes are the same as the first's,
// gives up pending operations whose body is missing or damaged, sets the counters right.
Result<> repair(sys::Files& files, Index& index, const sys::Clock& clock);

}  // namespace core::queue

template <>
inline constexpr std::array<std::string_view, 3> core::enum_names<core::queue::Severity>{
    "info", "warning", "damage"};
