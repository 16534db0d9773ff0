// SPDX-License-Identifier: MIT
#pragma once

// Crash states: what a disk may hold after a power cut. The cut comes between two records of the
// log. Every write before the last flush is on the disk; of each later one all may have arrived, or
// nothing, or any of its sectors, whatever became of the others. A write that was still under way
// when a flush came counts as flushed: the log cannot tell. The superblocks of the filesystems are
// never torn: they are not made for that, and a disk that cannot be mounted says nothing of a
// queue.

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "tests/crashlab/replay_log.hpp"

namespace replay {

// Bytes [begin, end) of what a record writes.
struct Piece {
  std::size_t record = 0;
  std::uint64_t begin = 0;
  std::uint64_t end = 0;
};

struct CrashState {
  std::size_t point = 0;         // so many records had happened
  std::size_t flushed = 0;       // so many, the first ones, are on disk for certain
  std::vector<Piece> arrived{};  // what is on disk of those after, in order
  std::size_t late = 0;          // so many writes were after
  std::size_t torn = 0;          // so many of them arrived in part

  [[nodiscard]] std::string text() const;
};

// The same seed and number give the same state of the same log. Half of the states are those right
// after something was printed.
CrashState crash_state(std::span<const Record> records, std::uint64_t seed, std::uint64_t number);

// Calls write(offset, bytes) and zero(offset, length) for all that is on the disk in this state.
template <typename Write, typename Zero>
void apply(std::span<const Record> records, const CrashState& state, const Write& write,
           const Zero& zero) {
  const auto put = [&](const Piece& piece) {
    const Record& record = records[piece.record];
    const std::uint64_t offset = record.offset + piece.begin;
    const std::uint64_t length = piece.end - piece.begin;
    if (record.kind == Record::Kind::zero) return zero(offset, length);
    write(offset, std::string_view(record.bytes).substr(piece.begin, length));
  };
  for (std::size_t i = 0; i < state.flushed; ++i) {
    if (records[i].changes_disk()) put({.record = i, .begin = 0, .end = records[i].length});
  }
  for (const auto& piece : state.arrived)
    put(piece);
}

}  // namespace replay
