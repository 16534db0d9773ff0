// SPDX-License-Identifier: MIT
#pragma once

// The account of a queue: every serial number that was given out must belong to an operation on
// disk, or something must say what became of it: a receipt, the ledger, a file that is being
// written. What is left is a gap, and is named; nothing is guessed. Of each series that is up to
// the greatest number that anything remembers: of an earlier one the ledger has its end, of the
// newest one usage.json. offq-queue(5) says what can be lost without a trace.
//
// The files are read, whatever the index says; it is only asked how many operations there are.
// Nothing is changed but by accept(). Numbers that are given out meanwhile are not counted. Where
// there is a gap, all is read a second time: an operation that moved or was just being published is
// found then. A gap is what is missing both times.

#include <cstdint>
#include <optional>
#include <vector>

#include "libcore/base/ids.hpp"
#include "libcore/base/result.hpp"
#include "libcore/base/serial.hpp"
#include "libcore/queue/index.hpp"
#include "libcore/sys/clock.hpp"
#include "libcore/sys/files.hpp"

namespace core::queue {

// Numbers of which nothing is known, and the operations on disk that have the ones before and
// after.
struct Gap {
  SerialRange numbers;
  std::optional<OperationId> after;   // absent: that operation was removed, or there is none
  std::optional<OperationId> before;  // absent: also when these are the last numbers given out
};

// Operations that have the same number: only a usage.json of old that was put back leads to that.
struct Repeat {
  Serial serial;
  std::vector<OperationId> ids;
};

struct Account {
  std::uint64_t series = 0;
  std::uint64_t given = 0;  // numbers, at least

  // Operations, with or without a number.
  std::uint64_t pending = 0;
  std::uint64_t synced = 0;
  std::uint64_t failed = 0;
  // Of the bytes on disk that are operations:
  std::uint64_t unnumbered = 0;  // sound, and without a number: by hand, or an earlier version's
  std::uint64_t damaged = 0;     // cannot be read; counted by the number that they begin with
  std::uint64_t damaged_unnumbered = 0;  // of these, those in which no number can be read

  std::uint64_t deleted = 0;  // on request, lines that are still in their batch included
  // Numbers that no operation on disk has; each counts once, as the first of these that fits.
  std::uint64_t writing = 0;    // just being enqueued
  std::uint64_t removed = 0;    // pruned, or settled and then removed by hand
  std::uint64_t unprinted = 0;  // an enqueue failed or was killed before it printed an id
  std::uint64_t accepted = 0;   // a gap that a person knows of

  std::vector<Gap> gaps;
  std::vector<Repeat> repeats;

  [[nodiscard]] bool is_complete() const { return gaps.empty() && repeats.empty(); }
};

// Errors: io, denied.
Result<Account> verify(const sys::Files& files, Index& index);

// Puts on record that these are known to be missing. Errors: full, io, denied.
Result<> accept(sys::Files& files, const std::vector<Gap>& gaps, Time now);

}  // namespace core::queue
