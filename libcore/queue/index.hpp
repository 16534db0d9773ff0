// SPDX-License-Identifier: MIT
#pragma once

// The index: what the directories and the journal say, in SQLite, so that questions about a
// million operations need not open a million files. It is a cache: everything in it can be read
// again from the files, and recovery.hpp keeps it equal to them. Errors of all members: those of
// db/sqlite.hpp; `corrupt` means: delete it and start over.

#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <set>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "libcore/base/ids.hpp"
#include "libcore/base/result.hpp"
#include "libcore/base/time.hpp"
#include "libcore/codec/receipt.hpp"
#include "libcore/db/sqlite.hpp"
#include "libcore/queue/due_query.hpp"
#include "libcore/queue/entry.hpp"
#include "libcore/queue/layout.hpp"
#include "libcore/queue/list_query.hpp"
#include "libcore/queue/usage.hpp"

namespace core::queue {

// What is remembered of an id's last receipt.
struct LastReceipt {
  codec::Outcome outcome = codec::Outcome::attempted;
  codec::Reason reason = codec::Reason::none;
  int attempts = 0;
  Time at;
};

class Index {
 public:
  static Result<Index> open(const std::string& path, std::chrono::milliseconds patience);
  static Result<Index> open_in_memory();
  // The same index once more, for another thread; nullopt when it is in the memory of this one.
  [[nodiscard]] Result<std::optional<Index>> open_beside() const;

  Result<db::Transaction> begin() { return db::Transaction::begin(*database_); }

  // --- change stamps: free text by name, "" when unknown ---
  Result<std::string> stamp(std::string_view name);
  Result<> set_stamp(std::string_view name, std::string_view value);

  // --- files ---
  // The names known in a folder with their inodes, in name order.
  Result<> each_file(State state,
                     const std::function<void(std::string_view name, std::uint64_t inode)>& visit);
  Result<> add_file(State state, std::string_view name, std::uint64_t inode);
  // After a rename: the same file elsewhere. Its operations are told by settle().
  Result<> move_file(State from, std::string_view name, State to, std::string_view new_name);
  // The inode that is known under this name.
  Result<std::optional<std::uint64_t>> inode_of_file(State state, std::string_view name);
  // Forgets the file and the operations that it holds. True: other files of that operation, which
  // had lost against this one, are forgotten as well, with what was known of their folders, so that
  // recovery reads them again.
  Result<bool> remove_file(State state, const std::string& name);

  // --- operations ---
  // Adds or replaces. A file of its own wins over a batch line; of two files synced wins over
  // pending over failed. False: what was there won.
  Result<bool> add(const Entry& entry);
  // The same for many, which costs less than one after the other.
  Result<> add_all(std::span<const Entry> entries);
  Result<> remove(const OperationId& id);
  // After a move: a new place, and what goes with it.
  Result<> settle(const Entry& entry);
  // The lines of a batch from `first` to the one with the number `last` were delivered.
  Result<> settle_lines(const OperationId& first, std::uint32_t last, Time at);
  Result<std::optional<Entry>> find(const OperationId& id);
  Result<> select(const Query& query, const std::function<Result<>(const Entry&)>& visit);
  Result<std::uint64_t> count(const Query& query);

  // Another number whenever another connection has written to it: that of another process, or of
  // this one (open_beside).
  Result<std::int64_t> version_by_others();

  // --- receipts ---
  // As the last one of its operation. False: a delivery is known already, and final.
  Result<bool> keep_receipt(const codec::Receipt& receipt);
  // The same for the lines from that of `receipt` to `last`, which all have one like it.
  Result<> keep_receipts(const codec::Receipt& receipt, std::uint32_t last);
  // The same of a receipt that was read. True when the row of the operation disagrees with it (its
  // move is to be completed).
  Result<bool> note_receipt(const codec::Receipt& receipt);
  Result<std::optional<LastReceipt>> last_receipt(const OperationId& id);
  // Whether anything is known of any line of this batch.
  Result<bool> has_receipts(const Ulid& stem);
  // The receipt is no longer in the journal; a later one of the same id stays known.
  Result<> forget_receipt(const codec::Receipt& receipt);

  // --- scheduling ---
  // Operations are sent to targets: the origin of an absolute URL, else "type:<type>" (which the
  // configuration routes). Targets do not wait for each other, so each has pages of its own.
  static std::string target_of(const Entry& entry);
  Result<std::vector<std::string>> pending_targets();
  Result<std::uint64_t> count_pending_for(const std::string& target);
  // Operations without a lane that may be sent to `target` now; the page behind `after`, at most
  // `limit` of them. `end` is set when the page is full.
  Result<std::vector<Entry>> due_page(const DueQuery& query, const std::string& target,
                                      DueOrder order, std::uint64_t limit,
                                      std::optional<PageEnd>& end);
  // The first pending operation of each lane, where it may be sent now.
  Result<std::vector<Entry>> due_lane_heads(const DueQuery& query);
  // One operation, if it may be sent now.
  Result<std::optional<Entry>> find_due(const DueQuery& query, const OperationId& id);
  // What may have become free to go when `settled` was: the next of its lane, and those that were
  // waiting for it; only those that may be sent now.
  Result<std::vector<Entry>> freed_by(const DueQuery& query, const Entry& settled);
  // Whether any operation names others that it comes after.
  Result<bool> has_dependencies();
  Result<std::vector<Entry>> expired(const Instant& now);
  // Pending operations whose dependency failed or is gone, with the id that did.
  struct Orphan {
    Entry entry;
    OperationId because;
    bool because_missing = false;
  };
  Result<std::vector<Orphan>> orphans();
  // Pending operations of one (type, key) with a newer pending one, with the newer id.
  Result<std::vector<std::pair<Entry, OperationId>>> superseded();
  // The same of those with this type and key alone.
  Result<std::vector<std::pair<Entry, OperationId>>> superseded(const std::string& type,
                                                                const std::string& key);
  // The newest pending operation with this type and key.
  Result<std::optional<OperationId>> newest_pending(const std::string& type,
                                                    const std::string& key);
  // Batches in pending/ of which no line is left to settle.
  Result<std::vector<Ulid>> finished_batches();
  // Whether a line of this batch is still pending in the batch file.
  Result<bool> has_open_lines(const Ulid& stem);
  // Whether any operation, in whatever state, is a line of this batch without a file of its own.
  Result<bool> has_lines(const Ulid& stem);
  // What operations that are pending, or failed and may be retried, want to be synced first.
  Result<std::set<OperationId>> awaited();
  // The earliest time at which a waiting operation becomes due.
  Result<std::optional<Time>> next_due_time(const Instant& now);

  // The earliest time after `now` at which a pending operation expires.
  Result<std::optional<Time>> next_expiry_time(const Instant& now);

  // --- totals ---
  Result<Amount> pending_amount();
  Result<std::vector<StateTotals>> totals();
  Result<Outcomes> outcomes_since(Time since);

 private:
  explicit Index(db::Database database);
  Result<> prepare();
  Result<bool> forget_files_of(const OperationId& id);

  // On the heap: statements point at it, and an Index may be moved.
  std::unique_ptr<db::Database> database_;
  std::string path_;
  std::chrono::milliseconds patience_{};
  struct Statements;
  struct Drop {
    void operator()(Statements* statements) const;
  };
  std::unique_ptr<Statements, Drop> statements_;
};

}  // namespace core::queue
