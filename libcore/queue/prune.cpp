// SPDX-License-Identifier: MIT
#include "libcore/queue/prune.hpp"

#include <algorithm>
#include <map>
#include <string>
#include <unordered_set>
#include <vector>

#include "libcore/codec/envelope.hpp"
#include "libcore/codec/receipt.hpp"
#include "libcore/queue/blob_use.hpp"
#include "libcore/queue/journal.hpp"
#include "libcore/queue/keys.hpp"
#include "libcore/queue/layout.hpp"
#include "libcore/queue/ledger.hpp"
#include "libcore/queue/operation.hpp"

namespace core::queue {
namespace {

class Pruner {
 public:
  Pruner(sys::Files& files, Index& index, const sys::Clock& clock, Time before, Removal removal)
      : files_(files), index_(index), clock_(clock), before_(before), removal_(removal) {}

  Result<Pruned> run() {
    TRY_ASSIGN(auto transaction, index_.begin());
    TRY(choose_singles());
    TRY(choose_batches());
    TRY(remove_operations());
    TRY(transaction.commit());
    TRY(remove_receipts());
    TRY(remove_blobs());
    TRY(remove_keys());
    return pruned_;
  }

 private:
  [[nodiscard]] bool is_old(const Entry& entry) const {
    return entry.settled_at.value_or(entry.created_at) < before_;
  }

  Result<> choose_singles() {
    TRY_ASSIGN(awaited_, index_.awaited());
    return index_.select({.states = {State::synced}}, [&](const Entry& entry) -> Result<> {
      const bool goes = is_old(entry) && !awaited_.contains(entry.id);
      if (entry.is_batch_line()) {
        auto& lines = batches_[entry.id.stem];
        ++(goes ? lines.old : lines.kept);
      } else if (goes) {
        chosen_.push_back(entry.place.file);
        ++pruned_.operations;
      }
      return {};
    });
  }

  // A batch goes when it is in synced/ and every line of it is old.
  Result<> choose_batches() {
    std::vector<FileName> names;
    TRY(files_.list(folder(State::synced), [&](const sys::DirectoryEntry& entry) {
      const auto name = FileName::parse(entry.name);
      if (name && name->kind == FileName::Kind::batch) names.push_back(*name);
    }));
    for (const auto& name : names) {
      const auto lines = batches_.find(name.stem);
      if (lines == batches_.end()) {
        TRY_ASSIGN(const bool stays, has_use(name));
        if (stays) continue;
      } else if (lines->second.kept > 0) {
        continue;
      } else {
        pruned_.operations += lines->second.old;
      }
      chosen_.push_back(name);
    }
    return {};
  }

  // Of a batch none of whose lines counts: all have files of their own, or were deleted.
  Result<bool> has_use(const FileName& name) {
    TRY_ASSIGN(const bool lines, index_.has_lines(name.stem));
    TRY_ASSIGN(const auto status, files_.status(path_of(State::synced, name)));
    return lines || !status || status->kind != sys::FileKind::regular ||
           status->modified >= before_;
  }

  // Before they go: nobody could tell them from lost ones afterwards.
  Result<> note_serials() {
    if (removal_ == Removal::planned) return {};
    SerialSet serials;
    for (const auto& name : chosen_) {
      TRY(each_operation(files_, State::synced, name,
                         [&serials](std::string_view line, const OperationId& id) {
                           if (const auto serial = codec::serial_of(line, id)) serials.add(*serial);
                         }));
    }
    return note_in_ledger(files_, Fate::pruned, serials, clock_.now(), sys::Sync::yes);
  }

  Result<> remove_operations() {
    TRY(note_serials());
    for (const auto& name : chosen_) {
      TRY(remove(path_of(State::synced, name), pruned_.files));
      if (removal_ == Removal::done) TRY(index_.remove_file(State::synced, name.text()));
    }
    return chosen_.empty() ? Result<>{} : sync(folder(State::synced));
  }

  Result<> remove(const std::string& path, std::uint64_t& counter) {
    TRY_ASSIGN(const auto status, files_.status(path));
    if (!status) return {};
    ++counter;
    pruned_.bytes += status->size;
    removed_.insert(path);
    if (removal_ == Removal::done) TRY(files_.remove(path));
    return {};
  }

  Result<> sync(const std::string& directory) {
    return removal_ == Removal::done ? files_.sync_directory(directory) : Result<>{};
  }

  // --- receipts ---

  // What is on disk, whether the index knows it or not.
  struct Present {
    std::vector<OperationId> singles;  // sorted
    std::vector<Ulid> batches;         // sorted
    [[nodiscard]] bool has(const OperationId& id) const {
      return std::ranges::binary_search(singles, id) ||
             std::ranges::binary_search(batches, id.stem);
    }
  };

  Result<Present> list_present() {
    Present present;
    for (const State state : k_states) {
      TRY(files_.list(folder(state), [&](const sys::DirectoryEntry& entry) {
        const auto name = FileName::parse(entry.name);
        if (!name || removed_.contains(path_in(state, entry.name))) return;
        if (name->kind == FileName::Kind::batch) present.batches.push_back(name->stem);
        if (name->kind == FileName::Kind::single) present.singles.push_back(name->id());
      }));
    }
    std::ranges::sort(present.singles);
    std::ranges::sort(present.batches);
    return present;
  }

  Result<> remove_receipts() {
    TRY_ASSIGN(auto days, receipt_days(files_));
    if (days.empty()) return {};
    days.pop_back();  // the newest is being appended to
    const std::string first_kept = format_day(before_);
    std::erase_if(days, [&](const std::string& day) { return day >= first_kept; });
    if (days.empty()) return {};
    TRY_ASSIGN(const Present present, list_present());
    for (const auto& day : days) {
      TRY_ASSIGN(const bool needed, is_needed(day, present));
      if (needed) continue;
      TRY(forget_receipts(day));
      TRY(remove(receipts_path(day), pruned_.receipt_days));
    }
    return sync(path::k_receipts);
  }

  // Before the file goes: nobody could tell afterwards which rows were its, and which numbers
  // nothing but its receipts has.
  Result<> forget_receipts(const std::string& day) {
    if (removal_ == Removal::planned) return {};
    SerialSet deleted;
    SerialSet settled;
    TRY_ASSIGN(auto transaction, index_.begin());
    TRY(each_receipt_line(files_, receipts_path(day), 0,
                          [&](std::string_view line, std::uint64_t) -> Result<> {
                            const auto receipt = codec::parse_receipt(line);
                            if (!receipt) return {};
                            const bool is_deletion = receipt->outcome == codec::Outcome::deleted;
                            if (receipt->serial)
                              (is_deletion ? deleted : settled).add(*receipt->serial);
                            return index_.forget_receipt(*receipt);
                          }));
    TRY(note_in_ledger(files_, Fate::deleted, deleted, clock_.now(), sys::Sync::yes));
    TRY(note_in_ledger(files_, Fate::pruned, settled, clock_.now(), sys::Sync::yes));
    return transaction.commit();
  }

  Result<bool> is_needed(const std::string& day, const Present& present) {
    bool needed = false;
    TRY(each_receipt_line(files_, receipts_path(day), 0,
                          [&](std::string_view line, std::uint64_t) -> Result<> {
                            const auto receipt = codec::parse_receipt(line);
                            if (receipt && present.has(receipt->id)) needed = true;
                            return {};
                          }));
    return needed;
  }

  // --- blobs ---

  Result<> remove_blobs() {
    TRY_ASSIGN(const auto stored, stored_blobs(files_));
    TRY_ASSIGN(const bool busy, has_living_writers(files_));
    if (stored.empty() || busy) return {};
    TRY_ASSIGN(const auto used, used_digests(files_, removed_));
    const Time youngest = clock_.now() - k_youngest_orphan;
    for (const auto& [digest, status] : stored) {
      if (status.modified > youngest || used.contains(digest)) continue;
      TRY(remove(blob_path(digest), pruned_.blobs));
    }
    return pruned_.blobs == 0 ? Result<>{} : sync(path::k_blobs);
  }

  // --- keys ---

  // A pointer stays as long as its operation does: what is failed may be retried. It also stays as
  // long as an older one that is failed, which must not be retried after it.
  Result<> remove_keys() {
    sys::Fd lock;
    if (removal_ == Removal::done) {
      // While it is held no pointer is ahead of its operation. Who enqueues is not waited for.
      TRY_ASSIGN(lock, files_.lock(path::k_keys_lock, sys::Wait::no));
      if (!lock.is_open()) return {};
    }
    // Nor does recovery claim a key meanwhile.
    TRY_ASSIGN(auto transaction, index_.begin());
    TRY_ASSIGN(const Present present, list_present());
    TRY_ASSIGN(const auto dead, pointers_to_nothing(files_, [&present](const OperationId& id) {
                 return present.has(id);
               }));
    for (const auto& pointer : dead) {
      // A crash came before the operation that was to replace this one.
      TRY_ASSIGN(const auto pending, index_.newest_pending(pointer.type, pointer.key));
      if (pending) continue;
      TRY_ASSIGN(const auto failed,
                 index_.count(
                     {.states = {State::failed}, .types = {pointer.type}, .keys = {pointer.key}}));
      if (failed == 0) TRY(remove(pointer.path, pruned_.keys));
    }
    if (!dead.empty()) TRY(sync(path::k_keys));
    return transaction.commit();
  }

  struct Lines {
    std::uint64_t old = 0;
    std::uint64_t kept = 0;
  };

  sys::Files& files_;
  Index& index_;
  const sys::Clock& clock_;
  const Time before_;
  const Removal removal_;
  Pruned pruned_;
  std::set<OperationId> awaited_;
  std::map<Ulid, Lines> batches_;
  std::vector<FileName> chosen_;
  std::unordered_set<std::string> removed_;  // or would be
};

}  // namespace

Result<Pruned> prune(sys::Files& files, Index& index, const sys::Clock& clock, Time before,
                     Removal removal) {
  return Pruner(files, index, clock, before, removal).run();
}

}  // namespace core::queue
