// SPDX-License-Identifier: MIT
#pragma once

// Settling: making what happened to operations durable, many at once (group commit).
//
// The protocol:
//   1. append the receipts, and fdatasync them            now the outcome is a fact
//   2. rename the files (a batch line that failed or was charged becomes a file of its own)
//   3. fsync the folders that files came to, then those that they left
//   4. tell the index
//   5. a batch without an open line moves to synced/, one without any line left is removed
// A crash after 1 is completed by recovery; one before 1 means the operation is sent again, with
// the same idempotency key. Files that have gone meanwhile (another process, a person) are no
// error: the receipt says what happened.

#include <optional>
#include <set>
#include <span>
#include <vector>

#include "libcore/base/result.hpp"
#include "libcore/codec/receipt.hpp"
#include "libcore/queue/index.hpp"
#include "libcore/queue/journal.hpp"
#include "libcore/queue/transition.hpp"
#include "libcore/sys/clock.hpp"
#include "libcore/sys/files.hpp"

namespace core::queue {

struct Settlement {
  Entry entry;  // as it was
  Transition transition;
  // What the caller knows of the outcome (http, error, times); id, type, outcome, reason and
  // attempts are filled in from the two above. Without a new receipt: `at` is when it was settled.
  codec::Receipt receipt;
};

// What a group of settlements makes of what is pending.
struct Moved {
  Amount out;   // no longer pending
  Amount back;  // pending again
};
Moved moved_by(std::span<const Settlement> group);

// Made once for many groups: it remembers what it has seen of other processes. An operation that is
// no longer where its entry says was moved by somebody else, and stays where that one put it; but
// what was delivered is synced.
class Settler {
 public:
  Settler(sys::Files& files, Index& index, const sys::Clock& clock)
      : files_(files), index_(index), clock_(clock) {}

  // Errors: full, io. Then some of the group may be settled and some not; each is in exactly one
  // state all the same, and recovery completes what has a receipt.
  Result<> settle(std::span<Settlement> group);
  // The same inside a transaction that the caller has begun on the index.
  Result<> settle_within(std::span<Settlement> group);

 private:
  struct Touched {
    std::set<State> targets;
    std::set<State> sources;
  };
  struct InFiles;
  Result<InFiles> settle_files(std::span<Settlement> group);
  Result<Appended> record(std::span<Settlement> group);
  Result<> tell_index(std::span<const Settlement> group, const InFiles& done);
  Result<> note_receipts(std::span<const Settlement> group, const Appended& appended);
  struct ReceiptRun;
  Result<> keep(const ReceiptRun& run);
  Result<> note_places(std::span<const Settlement> group,
                       std::span<const std::optional<Place>> places);
  Result<> tell_of_lines(std::vector<OperationId> ids, Time now);
  // nullopt: somebody else has moved it.
  Result<std::optional<Place>> move(const Settlement& settlement, Touched& touched);
  Result<std::optional<Place>> take_back(const Settlement& settlement, Touched& touched);
  Result<std::optional<Place>> move_file(const Settlement& settlement, State to,
                                         const FileName& name);
  Result<Place> write_out(const Settlement& settlement, State to, const FileName& name);
  Result<> remove(const Settlement& settlement);
  Result<> finish_batches(std::span<const Settlement> group, Touched& touched);
  Result<> finish_batch(const Ulid& stem, Touched& touched);
  Result<> remove_batch(const Ulid& stem, Touched& touched);
  Result<> sync(const Touched& touched);

  sys::Files& files_;
  Index& index_;
  std::optional<std::int64_t> seen_version_;  // of the index, as other processes write it
  bool others_wrote_ = true;                  // since the group before
  const sys::Clock& clock_;
};

// Renames, giving up the reserve when the disk is full. False when `from` has gone; a target that
// is there already counts as moved (somebody else completed the same move).
Result<bool> move_or_make_room(sys::Files& files, const std::string& from, const std::string& to);

// What applying a transition makes of an entry.
Entry settled_entry(const Entry& before, const Transition& transition, const Place& place,
                    Time now);

}  // namespace core::queue
