// SPDX-License-Identifier: MIT
#pragma once

// Recovery: makes the index say what the directory says, and finishes what a crash or a person left
// half done. Every command but enqueue runs it when it opens the queue; when nothing has changed
// since the last time it costs a few stat calls.
//
// In order:
//   0. folders that are missing are made, empty
//   1. tmp/: files that no living process writes are promoted to pending/ when every line carries a
//      good seal (their writer died before it told anybody the id), and dropped when not
//   2. journal: new receipts are read; after a reboot, a file that a power cut left with two names
//      loses the old one
//   3. folders: new files are read and added, vanished ones forgotten. Hand-written files are
//      adopted: they get an id, a seal and a proper name. What cannot be read is moved to failed/,
//      bytes untouched, with a receipt (reason unreadable)
//      A line of a batch whose own file a person removed gets a receipt: deleted
//   4. moves that have a receipt are completed, unless a hand has moved the file since
//   5. of pending operations of one type and key all but the newest are given up (replaced), and
//      of new files the key is pointed at the newest
//   6. batches without an open line move to synced/
// Every step can be repeated: a crash in the middle is recovered by the next recovery.

#include <cstdint>
#include <functional>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "libcore/base/ids.hpp"
#include "libcore/base/result.hpp"
#include "libcore/queue/index.hpp"
#include "libcore/queue/layout.hpp"
#include "libcore/sys/clock.hpp"
#include "libcore/sys/files.hpp"

namespace core::queue {

struct Recovered {
  std::uint64_t promoted = 0;
  std::uint64_t dropped = 0;
  std::uint64_t adopted = 0;
  std::uint64_t quarantined = 0;
  std::uint64_t completed = 0;  // moves
  std::uint64_t replaced = 0;
  std::vector<OperationId> quarantined_ids;
  std::vector<std::string> remade;  // folders that were missing
  // Files that we have no right to read, or whose disk fails; every recovery tries them again
  // until it can.
  struct Unreadable {
    std::optional<State> state;  // nullopt: in tmp/
    Error cause;                 // denied or io; names the path
  };
  std::vector<Unreadable> unreadable;
  std::vector<std::string> ignored;  // paths that are not files of a queue, with a cause

  [[nodiscard]] bool nothing() const {
    return promoted + dropped + adopted + quarantined + completed + replaced + remade.size() == 0;
  }
  // Something was lost or damaged: a person should look.
  [[nodiscard]] bool is_trouble() const { return quarantined > 0 || !remade.empty(); }
  // "2 promoted, 1 adopted": for a message; empty when nothing was done. Names the first few of
  // what is trouble.
  [[nodiscard]] std::string text() const;
  // "2 files cannot be read: ...", the first few named; empty when there are none.
  [[nodiscard]] std::string unreadable_text() const;
};

// Effects::none only reads, for a directory that cannot be written: what would be repaired is shown
// as it is, and hand-written files are ignored.
enum class Effects { all, none };

// Asked at each file, line and receipt, and between what takes long: its error, interrupted or
// terminated, is recovery's. Then the index says what it said before, and what was done to files
// until then is found by the next recovery, as after a crash. Empty: it always goes on.
using MayGoOn = std::function<Result<>()>;

Result<Recovered> recover(sys::Files& files, Index& index, const sys::Clock& clock,
                          Effects effects = Effects::all, const MayGoOn& may_go_on = {});

// The same for named files of pending/ alone, which somebody saw come, change or go: the cost does
// not grow with what else is there. Their operations end up as recovery would have them; tmp/,
// other folders and finished batches are left to the next recovery.
struct TakenIn {
  bool is_news = false;  // something was not known yet
  Recovered recovered;
};
Result<TakenIn> take_in(sys::Files& files, Index& index, const sys::Clock& clock,
                        std::span<const std::string> names, const MayGoOn& may_go_on = {});

}  // namespace core::queue
