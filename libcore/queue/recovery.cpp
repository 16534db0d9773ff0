// SPDX-License-Identifier: MIT
#include "libcore/queue/recovery.hpp"

#include <algorithm>
#include <chrono>
#include <cstdint>
#include <optional>
#include <string_view>
#include <utility>

#include <fmt/core.h>

#include "libcore/base/text.hpp"
#include "libcore/codec/receipt.hpp"
#include "libcore/queue/change_stamps.hpp"
#include "libcore/queue/folder_walk.hpp"
#include "libcore/queue/intake.hpp"
#include "libcore/queue/journal.hpp"
#include "libcore/queue/keys.hpp"
#include "libcore/queue/layout.hpp"
#include "libcore/queue/second_names.hpp"
#include "libcore/queue/settle.hpp"
#include "libcore/queue/temporary.hpp"
#include "libcore/queue/transition.hpp"
#include "libcore/queue/usage.hpp"

namespace core::queue {
namespace {

// Operations that are settled together.
constexpr std::size_t k_group = 256;

// Outcomes that need no answer charge no attempt.
bool is_decided_here(codec::Reason reason) {
  switch (reason) {
    case codec::Reason::expired:
    case codec::Reason::cancelled:
    case codec::Reason::unreadable:
    case codec::Reason::dependency:
    case codec::Reason::replaced:
    case codec::Reason::moved:
    case codec::Reason::none:
      return true;
    case codec::Reason::rejected:
    case codec::Reason::exhausted:
    case codec::Reason::conflict:
      return false;
  }
  return true;
}

// The folders that every queue has.
std::vector<std::string> folders() {
  std::vector<std::string> names{path::k_receipts, path::k_blobs, path::k_keys, path::k_temporary};
  for (const State state : k_states)
    names.push_back(folder(state));
  return names;
}

// The first few; `text_of` makes a text of each.
template <typename Range, typename TextOf>
std::string first_of(const Range& range, std::string_view separator, TextOf text_of) {
  constexpr std::size_t k_named = 4;
  std::string text;
  std::size_t named = 0;
  for (const auto& item : range) {
    if (named > 0) text += separator;
    if (named++ == k_named) return text + "…";
    text += text_of(item);
  }
  return text;
}

std::uint64_t ns_since_epoch(Time time) {
  return static_cast<std::uint64_t>(std::chrono::nanoseconds{time.time_since_epoch()}.count());
}

class Recovery {
 public:
  Recovery(sys::Files& files, Index& index, const sys::Clock& clock, Effects effects,
           const MayGoOn& may_go_on)
      : files_(files),
        index_(index),
        clock_(clock),
        effects_(effects),
        may_go_on_(may_go_on ? may_go_on : [] { return Result<>{}; }),
        intake_(files, index, clock, may_go_on_, report_) {}

  Result<Recovered> run() {
    TRY_ASSIGN(const auto before, current_stamps(files_, clock_));
    TRY_ASSIGN(const bool unchanged, are_known(before, index_));
    if (unchanged) return std::move(report_);
    TRY_ASSIGN(auto transaction, index_.begin());
    Writers writers = Writers::none;
    if (effects_ == Effects::all) {
      TRY(make_missing_folders());
      TRY_ASSIGN(writers, tidy_temporary(files_, clock_, may_go_on_, report_));
    }
    // Stamps are taken before the folders are read: what changes meanwhile is seen next time.
    TRY_ASSIGN(auto stamps, current_stamps(files_, clock_));
    for (auto& [name, value] : stamps) {
      if (name == path::k_temporary && writers == Writers::some) value.clear();
    }
    TRY(read_receipts());
    if (effects_ == Effects::all) TRY(finish_renames());
    FolderWalk walk(files_, index_, clock_, effects_, intake_, report_);
    TRY(walk.run());
    TRY_ASSIGN(const auto removed, walk.removed_lines());
    if (effects_ == Effects::all) TRY(finish_what_is_half_done(removed));
    TRY(may_go_on_());
    for (const auto& [name, value] : stamps) {
      // The right to read a file may be given without any trace in its folder.
      const bool is_known = !walk.met_unreadable(name);
      TRY(index_.set_stamp(name, is_known ? value : ""));
    }
    TRY(transaction.commit());
    return std::move(report_);
  }

  Result<TakenIn> take_in(std::span<const std::string> names) {
    TRY_ASSIGN(auto transaction, index_.begin());
    TRY(read_receipts());
    FolderWalk walk(files_, index_, clock_, effects_, intake_, report_);
    TRY_ASSIGN(const bool is_news, walk.take_in(State::pending, names));
    TRY_ASSIGN(const auto removed, walk.removed_lines());
    TRY(forget_lines(removed));
    TRY(complete_moves());
    for (const auto& [type, key] : intake_.keys()) {
      TRY(may_go_on_());
      TRY_ASSIGN(auto older, index_.superseded(type, key));
      TRY(give_up(std::move(older)));
    }
    TRY(claim_keys());
    // What enqueue wrote it has counted.
    const bool must_count = report_.adopted + report_.quarantined + report_.completed +
                                report_.replaced + removed.size() >
                            0;
    if (must_count) {
      TRY_ASSIGN(const Amount pending, index_.pending_amount());
      TRY(set_usage(files_, pending));
    }
    TRY(transaction.commit());
    return TakenIn{.is_news = is_news, .recovered = std::move(report_)};
  }

 private:
  Result<> make_missing_folders() {
    for (const auto& name : folders()) {
      TRY_ASSIGN(const auto status, files_.status(name));
      if (status) continue;
      TRY(files_.make_directory(name));
      report_.remade.push_back(name);
    }
    return report_.remade.empty() ? Result<>{} : files_.sync_directory(".");
  }

  // Only a power cut leaves half a rename.
  Result<> finish_renames() {
    TRY_ASSIGN(const bool same_boot, is_of_this_boot(clock_, index_));
    if (same_boot) return {};
    TRY_ASSIGN(const auto dropped, drop_second_names(files_, index_));
    report_.completed += dropped;
    return {};
  }

  Result<> finish_what_is_half_done(const std::vector<OperationId>& removed_lines) {
    TRY(forget_lines(removed_lines));
    TRY(complete_moves());
    TRY(may_go_on_());
    TRY(give_up_superseded());
    TRY(claim_keys());
    TRY(finish_batches());
    TRY(may_go_on_());
    TRY_ASSIGN(const Amount pending, index_.pending_amount());
    return set_usage(files_, pending);
  }

  // --- the journal ---

  Result<> read_receipts() {
    TRY_ASSIGN(const auto days, receipt_days(files_));
    for (const auto& day : days) {
      const std::string stamp = receipts_stamp(day);
      TRY_ASSIGN(const std::string known, index_.stamp(stamp));
      const auto from = parse_unsigned(known).value_or(0);
      TRY_ASSIGN(const std::uint64_t to, read_receipts_of(day, from));
      if (to != from) TRY(index_.set_stamp(stamp, std::to_string(to)));
    }
    return {};
  }

  // Reads on from `from` and returns where the next receipt will begin.
  Result<std::uint64_t> read_receipts_of(const std::string& day, std::uint64_t from) {
    std::uint64_t to = from;
    const std::string path = receipts_path(day);
    TRY_ASSIGN(const auto status, files_.status(path));
    if (!status || status->kind != sys::FileKind::regular || status->size <= from) return from;
    TRY(each_receipt_line(files_, path, from, [&](std::string_view line, std::uint64_t next) {
      to = next;
      return note_receipt(line);
    }));
    return to;
  }

  Result<> note_receipt(std::string_view line) {
    TRY(may_go_on_());
    const auto receipt = codec::parse_receipt(line);
    if (!receipt) return {};  // torn by a crash, or not ours: fsck names it
    TRY_ASSIGN(const bool concerns_us, index_.note_receipt(*receipt));
    if (concerns_us) intake_.touched().insert(receipt->id);
    return {};
  }

  // --- lines that a person removed ---

  // The line is still in the batch: only a receipt keeps it from counting when the index is made
  // again.
  Result<> forget_lines(const std::vector<OperationId>& ids) {
    std::vector<Settlement> removals;
    for (const auto& id : ids) {
      TRY(may_go_on_());
      TRY_ASSIGN(const auto entry, index_.find(id));
      if (!entry) continue;
      TRY_ASSIGN(const auto step, transition({.state = entry->state(), .attempts = entry->attempts},
                                             event::DeleteRequested{}));
      removals.push_back({.entry = *entry, .transition = step, .receipt = {}});
    }
    return settle(removals);
  }

  // --- moves with a receipt ---

  Result<> complete_moves() {
    std::vector<Settlement> moves;
    for (const auto& id : intake_.touched()) {
      TRY(may_go_on_());
      TRY_ASSIGN(const auto entry, index_.find(id));
      TRY_ASSIGN(const auto last, index_.last_receipt(id));
      if (!entry || !last) continue;
      TRY_ASSIGN(const auto move, unfinished(*entry, *last));
      if (move) {
        moves.push_back({.entry = *entry, .transition = *move, .receipt = {}});
        moves.back().receipt.at = last->at;
      }
    }
    report_.completed += moves.size();
    for (auto& [entry, cause] : intake_.unreadable_lines()) {
      TRY_ASSIGN(const auto known, index_.find(entry.id));
      if (!known || !known->is_batch_line()) continue;  // its own file was found after all
      Settlement settlement{.entry = std::move(entry), .transition = {}, .receipt = {}};
      settlement.transition = {.to = State::failed,
                               .receipt = codec::Outcome::failed,
                               .reason = codec::Reason::unreadable};
      settlement.receipt.error_class = "unreadable";
      settlement.receipt.error_message = cause;
      report_.quarantined_ids.push_back(settlement.entry.id);
      moves.push_back(std::move(settlement));
      ++report_.quarantined;
    }
    return settle(moves);
  }

  // The move that the last receipt asks for and that has not happened.
  Result<std::optional<Transition>> unfinished(const Entry& entry, const LastReceipt& last) {
    switch (last.outcome) {
      case codec::Outcome::synced:
        if (entry.state() == State::synced) return std::nullopt;
        return Transition{.to = State::synced, .attempts = last.attempts};
      case codec::Outcome::failed: {
        if (entry.state() != State::pending) return std::nullopt;
        TRY_ASSIGN(const bool by_hand, was_retried_by_hand(entry, last));
        if (by_hand) return std::nullopt;
        return Transition{.to = State::failed, .attempts = last.attempts, .reason = last.reason};
      }
      case codec::Outcome::deleted: {
        TRY_ASSIGN(const bool by_hand, was_put_there_after(entry, last));
        if (by_hand) return std::nullopt;
        return Transition{.to = std::nullopt, .attempts = entry.attempts};
      }
      case codec::Outcome::attempted:
        // The name is not durable, but the attempt was made: the greater number counts.
        if (entry.state() != State::pending || last.attempts <= entry.attempts) return std::nullopt;
        return Transition{.to = State::pending, .attempts = last.attempts};
      case codec::Outcome::retried:
        return std::nullopt;
    }
    return std::nullopt;
  }

  // A pending file whose receipt says failed: the move is missing, or a person moved it back.
  Result<bool> was_retried_by_hand(const Entry& entry, const LastReceipt& last) {
    if (entry.is_batch_line() || last.attempts > entry.attempts) return false;
    // An attempt was charged for the answer, and the name knows of it: the move was made.
    if (!is_decided_here(last.reason)) return true;
    return was_put_there_after(entry, last);
  }

  // A rename sets the file's ctime, and nobody can set it back: a file that has not changed since
  // the receipt was written has not been moved.
  Result<bool> was_put_there_after(const Entry& entry, const LastReceipt& last) {
    if (entry.is_batch_line()) return false;
    TRY_ASSIGN(const auto status, files_.status(path_of(entry.state(), entry.place.file)));
    return status && status->ctime_ns > ns_since_epoch(last.at);
  }

  // --- keys and batches ---

  Result<> give_up_superseded() {
    TRY_ASSIGN(auto older, index_.superseded());
    return give_up(std::move(older));
  }

  // Each for the newer one that is named beside it.
  Result<> give_up(std::vector<std::pair<Entry, OperationId>> older) {
    std::vector<Settlement> moves;
    for (auto& [entry, newer] : older) {
      TRY_ASSIGN(const auto step, transition({.state = entry.state(), .attempts = entry.attempts},
                                             event::GivenUp{.reason = codec::Reason::replaced}));
      Settlement settlement{.entry = std::move(entry), .transition = step, .receipt = {}};
      settlement.receipt.error_class = "replaced";
      settlement.receipt.error_message = "by " + newer.text();
      moves.push_back(std::move(settlement));
    }
    report_.replaced += moves.size();
    return settle(moves);
  }

  // What came to pending/ in another way than by an enqueue that lived to its end has no pointer.
  Result<> claim_keys() {
    for (const auto& [type, key] : intake_.keys()) {
      TRY(may_go_on_());
      TRY_ASSIGN(const auto newest, index_.newest_pending(type, key));
      if (!newest) continue;
      auto claimed = claim_key(files_, type, key, *newest);
      // Nor could anything be enqueued now.
      if (!claimed && claimed.error().code != Errc::full) return claimed;
    }
    return {};
  }

  // Between two groups everything on disk has its receipt.
  Result<> settle(std::span<Settlement> moves) {
    Settler settler(files_, index_, clock_);
    while (!moves.empty()) {
      TRY(may_go_on_());
      const auto group = moves.first(std::min(k_group, moves.size()));
      TRY(settler.settle_within(group));
      moves = moves.subspan(group.size());
    }
    return {};
  }

  Result<> finish_batches() {
    TRY_ASSIGN(const auto stems, index_.finished_batches());
    for (const auto& stem : stems) {
      const FileName name = FileName::batch(stem);
      TRY(move_or_make_room(files_, path_of(State::pending, name), path_of(State::synced, name)));
      TRY(index_.move_file(State::pending, name.text(), State::synced, name.text()));
    }
    if (stems.empty()) return {};
    TRY(files_.sync_directory(folder(State::synced)));
    return files_.sync_directory(folder(State::pending));
  }

  sys::Files& files_;
  Index& index_;
  const sys::Clock& clock_;
  const Effects effects_;
  const MayGoOn may_go_on_;
  Recovered report_;
  Intake intake_;
};

}  // namespace

std::string Recovered::text() const {
  const auto ids = first_of(quarantined_ids, ", ", [](const auto& id) { return id.text(); });
  const std::pair<std::uint64_t, std::string> counts[] = {
      {promoted, "promoted from tmp/"},
      {dropped, "unfinished files dropped from tmp/"},
      {adopted, "adopted"},
      {quarantined, "unreadable, moved to failed/ (" + ids + ")"},
      {completed, "moves completed"},
      {replaced, "replaced by a newer operation of the same key"},
  };
  std::string text;
  for (const auto& [count, what] : counts) {
    if (count > 0) text += fmt::format("{}{} {}", text.empty() ? "" : ", ", count, what);
  }
  if (!remade.empty()) {
    text += fmt::format("{}made again what was missing: {}", text.empty() ? "" : ", ",
                        first_of(remade, ", ", [](const auto& name) { return name + "/"; }));
  }
  return text;
}

std::string Recovered::unreadable_text() const {
  if (unreadable.empty()) return {};
  const auto causes =
      first_of(unreadable, "; ", [](const auto& file) { return file.cause.message; });
  const bool is_forbidden = std::ranges::all_of(
      unreadable, [](const auto& file) { return file.cause.code == Errc::denied; });
  const auto* cannot = is_forbidden ? "may not" : "cannot";
  if (unreadable.size() == 1) return fmt::format("a file {} be read: {}", cannot, causes);
  return fmt::format("{} files {} be read: {}", unreadable.size(), cannot, causes);
}

Result<Recovered> recover(sys::Files& files, Index& index, const sys::Clock& clock, Effects effects,
                          const MayGoOn& may_go_on) {
  return Recovery(files, index, clock, effects, may_go_on).run();
}

Result<TakenIn> take_in(sys::Files& files, Index& index, const sys::Clock& clock,
                        std::span<const std::string> names, const MayGoOn& may_go_on) {
  return Recovery(files, index, clock, Effects::all, may_go_on).take_in(names);
}

}  // namespace core::queue
