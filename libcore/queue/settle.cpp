// SPDX-License-Identifier: MIT
#include "libcore/queue/settle.hpp"

#include <algorithm>
#include <cstdint>
#include <optional>
#include <set>
#include <string>
#include <utility>

#include <unistd.h>

#include "libcore/base/text.hpp"
#include "libcore/queue/directory.hpp"
#include "libcore/queue/layout.hpp"
#include "libcore/queue/operation.hpp"

namespace core::queue {

Result<bool> move_or_make_room(sys::Files& files, const std::string& from, const std::string& to) {
  auto moved = files.rename(from, to, sys::Replace::no);
  if (!moved && moved.error().code == Errc::full) {
    release_reserve(files);
    moved = files.rename(from, to, sys::Replace::no);
  }
  if (moved) return moved;
  TRY_ASSIGN(const auto there, files.status(to));
  if (there) return false;
  return moved;
}

Entry settled_entry(const Entry& before, const Transition& transition, const Place& place,
                    Time now) {
  Entry after = before;
  after.place = place;
  // The name of a file says how many attempts were charged before; a delivered one keeps its name.
  // A line that was charged one has a file of its own.
  after.attempts = place.file.attempts;
  after.retry_at = transition.again_at;
  after.reason = transition.reason;
  const bool is_settled = transition.to && *transition.to != State::pending;
  after.settled_at = is_settled ? std::optional(now) : std::nullopt;
  return after;
}

Moved moved_by(std::span<const Settlement> group) {
  Moved moved;
  for (const auto& [entry, transition, receipt] : group) {
    const bool was_pending = entry.state() == State::pending;
    if (was_pending == (transition.to == State::pending)) continue;
    auto& amount = was_pending ? moved.out : moved.back;
    ++amount.ops;
    // As Index::pending_amount: a body that is larger than its line is a blob.
    amount.bytes += entry.place.length;
    if (entry.body_bytes > entry.place.length) amount.bytes += entry.body_bytes;
  }
  return moved;
}

namespace {

std::optional<Serial> serial_on_disk(const sys::Files& files, const Entry& entry) {
  const auto text = read_operation(files, entry);
  return text ? codec::serial_of(trim(*text), entry.id) : std::nullopt;
}

}  // namespace

// Receipts of lines that follow each other and say the same.
struct Settler::ReceiptRun {
  const codec::Receipt* first = nullptr;
  std::uint32_t last = 0;

  [[nodiscard]] bool takes(const codec::Receipt& next) const {
    return next.id.stem == first->id.stem && next.id.line == last + 1 && last > 0 &&
           next.outcome == first->outcome && next.reason == first->reason &&
           next.attempts == first->attempts && next.at == first->at;
  }
};

// What has been done to files, for the index to be told.
struct Settler::InFiles {
  Appended receipts{};
  std::vector<std::optional<Place>> places{};  // where each is now; nullopt: somebody moved it
};

Result<> Settler::settle(std::span<Settlement> group) {
  InFiles done;
  {
    // Begun first: the order in which processes take the index and touch the files is the same
    // everywhere, and recovery in another process never sees half a group.
    TRY_ASSIGN(auto transaction, index_.begin());
    TRY_ASSIGN(done, settle_files(group));
    auto told = tell_index(group, done);
    if (told) told = transaction.commit();
    if (told || told.error().code != Errc::full) return told;
  }
  // The outcomes are on the disk; it is the index that has found no room there.
  release_reserve(files_);
  TRY_ASSIGN(auto transaction, index_.begin());
  TRY(tell_index(group, done));
  return transaction.commit();
}

Result<> Settler::settle_within(std::span<Settlement> group) {
  TRY_ASSIGN(const auto done, settle_files(group));
  return tell_index(group, done);
}

Result<Settler::InFiles> Settler::settle_files(std::span<Settlement> group) {
  TRY_ASSIGN(const std::int64_t version, index_.version_by_others());
  others_wrote_ = std::exchange(seen_version_, version) != version;
  InFiles done;
  TRY_ASSIGN(done.receipts, record(group));
  Touched touched;
  for (const auto& settlement : group) {
    TRY_ASSIGN(auto place, move(settlement, touched));
    done.places.push_back(std::move(place));
  }
  TRY(sync(touched));
  return done;
}

Result<> Settler::tell_index(std::span<const Settlement> group, const InFiles& done) {
  TRY(note_receipts(group, done.receipts));
  TRY(note_places(group, done.places));
  Touched by_batches;
  TRY(finish_batches(group, by_batches));
  return sync(by_batches);
}

Result<> Settler::note_places(std::span<const Settlement> group,
                              std::span<const std::optional<Place>> places) {
  const Time now = clock_.now();
  std::vector<OperationId> delivered_lines;
  for (std::size_t i = 0; i < group.size(); ++i) {
    const auto& [entry, transition, receipt] = group[i];
    if (!places[i]) {
      // Whoever moved it has told the index, or recovery will find it in its new place.
      TRY(index_.remove_file(entry.state(), entry.place.file.text()));
      continue;
    }
    if (!transition.to) {
      TRY(index_.remove(entry.id));
      continue;
    }
    const Place& place = *places[i];
    // A move that a receipt of old asks for happened when that receipt says.
    const bool is_old = !transition.receipt && receipt.at != Time{};
    const bool stays_a_line = entry.is_batch_line() && place.file == entry.place.file;
    if (stays_a_line && !is_old && transition.to == State::synced) {
      delivered_lines.push_back(entry.id);
      continue;
    }
    if (!entry.is_batch_line()) {
      TRY(index_.move_file(entry.state(), entry.place.file.text(), place.state, place.file.text()));
    } else if (place.file.kind == FileName::Kind::single) {
      TRY_ASSIGN(const auto status, files_.status(path_of(place.state, place.file)));
      if (status) TRY(index_.add_file(place.state, place.file.text(), status->inode));
    }
    TRY(index_.settle(settled_entry(entry, transition, place, is_old ? receipt.at : now)));
  }
  return tell_of_lines(std::move(delivered_lines), now);
}

// Lines that follow each other are one statement, which costs half as much as one each.
Result<> Settler::tell_of_lines(std::vector<OperationId> ids, Time now) {
  std::ranges::sort(ids);
  for (std::size_t first = 0; first < ids.size();) {
    std::size_t next = first + 1;
    while (next < ids.size() && ids[next].stem == ids[first].stem &&
           ids[next].line == ids[next - 1].line + 1) {
      ++next;
    }
    TRY(index_.settle_lines(ids[first], ids[next - 1].line, now));
    first = next;
  }
  return {};
}

Result<Appended> Settler::record(std::span<Settlement> group) {
  std::string lines;
  const Time now = clock_.now();
  for (auto& [entry, transition, receipt] : group) {
    if (!transition.receipt) continue;
    receipt.id = entry.id;
    receipt.type = entry.type;
    receipt.outcome = *transition.receipt;
    receipt.reason = transition.reason;
    receipt.attempts = transition.attempts;
    receipt.at = now;
    // With the operation goes what says its number: the receipt has it from now on. A retry says
    // whose number the receipts before it explain no longer.
    const bool says_number = !transition.to || transition.receipt == codec::Outcome::retried;
    if (says_number) receipt.serial = serial_on_disk(files_, entry);
    lines += codec::format_receipt(receipt);
  }
  return append_receipt_lines(files_, lines, now);
}

// Spares recovery reading what was written here: as long as the index knows all that stands before.
Result<> Settler::note_receipts(std::span<const Settlement> group, const Appended& appended) {
  if (!appended.is_alone) return {};
  const std::string stamp = receipts_stamp(appended.day);
  TRY_ASSIGN(const std::string known, index_.stamp(stamp));
  if (parse_unsigned(known).value_or(0) != appended.from) return {};
  std::optional<ReceiptRun> run;
  for (const auto& [entry, transition, receipt] : group) {
    if (!transition.receipt) continue;
    if (run && run->takes(receipt)) {
      ++run->last;
      continue;
    }
    if (run) TRY(keep(*run));
    run = ReceiptRun{.first = &receipt, .last = receipt.id.line};
  }
  if (run) TRY(keep(*run));
  return index_.set_stamp(stamp, std::to_string(appended.to));
}

// Of lines that follow each other they are one statement.
Result<> Settler::keep(const ReceiptRun& run) {
  if (run.last != run.first->id.line) return index_.keep_receipts(*run.first, run.last);
  TRY(index_.keep_receipt(*run.first));
  return {};
}

// Where the operation is afterwards.
Result<std::optional<Place>> Settler::move(const Settlement& settlement, Touched& touched) {
  const auto& [entry, transition, receipt] = settlement;
  if (!transition.to) {
    TRY(remove(settlement));
    touched.sources.insert(entry.state());
    return entry.place;
  }
  const State to = *transition.to;
  if (to == entry.state() && transition.attempts == entry.attempts) {
    TRY_ASSIGN(const auto status, files_.status(path_of(to, entry.place.file)));
    if (!status) return std::nullopt;
    if (transition.again_at && !entry.is_batch_line()) {
      // Not durable, as below.
      [[maybe_unused]] const auto set =
          files_.set_modified(path_of(to, entry.place.file), *transition.again_at);
    }
    return entry.place;
  }
  if (entry.is_batch_line() && to == State::synced) {
    TRY_ASSIGN(const auto own, take_back(settlement, touched));
    if (own) return *own;
    Place place = entry.place;  // the receipt alone settles a line
    place.state = State::synced;
    return place;
  }
  // A delivered file keeps its name, so that synced/ holds "the same files, moved".
  const int attempts = to == State::synced ? entry.attempts : transition.attempts;
  const FileName name = FileName::single(entry.id, attempts);
  touched.targets.insert(to);
  touched.sources.insert(entry.state());
  std::optional<Place> place;
  if (entry.is_batch_line()) {
    TRY_ASSIGN(place, write_out(settlement, to, name));
  } else {
    TRY_ASSIGN(place, move_file(settlement, to, name));
    if (!place) return std::nullopt;
  }
  // What is retried waits no more; its file may still say so, for an index that is made anew.
  const bool is_retry = transition.receipt == codec::Outcome::retried;
  if (const auto when = is_retry ? std::optional(clock_.now()) : transition.again_at) {
    // Not durable, and no loss if it fails: the operation is only tried earlier, or later.
    [[maybe_unused]] const auto set =
        files_.set_modified(path_of(place->state, place->file), *when);
  }
  return place;
}

// A line that was cancelled while its request was under way has a file of its own since then.
Result<std::optional<Place>> Settler::take_back(const Settlement& settlement, Touched& touched) {
  if (!others_wrote_) return std::nullopt;
  const auto& entry = settlement.entry;
  const FileName name = FileName::single(entry.id, entry.attempts);
  TRY_ASSIGN(const auto status, files_.status(path_of(State::failed, name)));
  if (!status) return std::nullopt;
  TRY_ASSIGN(const bool moved,
             move_or_make_room(files_, path_of(State::failed, name), path_of(State::synced, name)));
  if (!moved) return std::nullopt;
  TRY(index_.move_file(State::failed, name.text(), State::synced, name.text()));
  touched.targets.insert(State::synced);
  touched.sources.insert(State::failed);
  return Place{.state = State::synced, .file = name, .length = status->size};
}

Result<std::optional<Place>> Settler::move_file(const Settlement& settlement, State to,
                                                const FileName& name) {
  const auto& entry = settlement.entry;
  const Place place{.state = to, .file = name, .length = entry.place.length};
  const std::string target = path_of(to, name);
  TRY_ASSIGN(const bool moved,
             move_or_make_room(files_, path_of(entry.state(), entry.place.file), target));
  if (moved) return place;
  if (to == State::synced) {
    // It was cancelled or replaced while its request was under way. The receiver has it: so be it.
    const std::string given_up = path_of(State::failed, entry.place.file);
    TRY(move_or_make_room(files_, given_up, target));
  }
  // Somebody else may have completed the same move.
  TRY_ASSIGN(const auto status, files_.status(target));
  return status ? std::optional(place) : std::nullopt;
}

// Gives a batch line a file of its own, which from then on overrides the line.
Result<Place> Settler::write_out(const Settlement& settlement, State to, const FileName& name) {
  TRY_ASSIGN(std::string line, read_operation(files_, settlement.entry));
  if (!line.ends_with('\n')) line += '\n';
  const std::string temporary = temporary_path(name.text(), ::getpid());
  auto written = files_.create(temporary, line);
  if (!written && written.error().code == Errc::full) {
    release_reserve(files_);
    written = files_.create(temporary, line);
  }
  TRY_ASSIGN(const sys::Fd lock, std::move(written));
  TRY_ASSIGN(const bool moved, move_or_make_room(files_, temporary, path_of(to, name)));
  if (!moved) TRY(files_.remove(temporary));
  return Place{.state = to, .file = name, .length = line.size()};
}

Result<> Settler::remove(const Settlement& settlement) {
  const auto& entry = settlement.entry;
  if (entry.is_batch_line()) return {};  // the receipt says that the line is gone
  TRY(files_.remove(path_of(entry.state(), entry.place.file)));
  return {};
}

Result<> Settler::finish_batches(std::span<const Settlement> group, Touched& touched) {
  std::set<Ulid> settled;
  std::set<Ulid> shrunk;
  for (const auto& [entry, transition, receipt] : group) {
    if (entry.is_batch_line()) settled.insert(entry.id.stem);
    if (entry.id.line != 0 && !transition.to) shrunk.insert(entry.id.stem);
  }
  for (const auto& stem : shrunk) {
    TRY_ASSIGN(const bool needed, index_.has_lines(stem));
    if (needed) continue;
    TRY(remove_batch(stem, touched));
    settled.erase(stem);
  }
  for (const auto& stem : settled)
    TRY(finish_batch(stem, touched));
  return {};
}

Result<> Settler::finish_batch(const Ulid& stem, Touched& touched) {
  TRY_ASSIGN(const bool open, index_.has_open_lines(stem));
  if (open) return {};
  const FileName name = FileName::batch(stem);
  TRY_ASSIGN(const bool moved, move_or_make_room(files_, path_of(State::pending, name),
                                                 path_of(State::synced, name)));
  if (!moved) return {};
  TRY(index_.move_file(State::pending, name.text(), State::synced, name.text()));
  touched.targets.insert(State::synced);
  touched.sources.insert(State::pending);
  return {};
}

// Every line was deleted or lives in a file of its own.
Result<> Settler::remove_batch(const Ulid& stem, Touched& touched) {
  const FileName name = FileName::batch(stem);
  for (const State state : k_states) {
    TRY_ASSIGN(const bool removed, files_.remove(path_of(state, name)));
    if (!removed) continue;
    TRY(index_.remove_file(state, name.text()));
    touched.sources.insert(state);
  }
  return {};
}

Result<> Settler::sync(const Touched& touched) {
  // The new names first: after a crash in between the operation is in two folders or in the old
  // one, but never in none.
  for (const State state : touched.targets)
    TRY(files_.sync_directory(folder(state)));
  for (const State state : touched.sources) {
    if (!touched.targets.contains(state)) TRY(files_.sync_directory(folder(state)));
  }
  return {};
}

}  // namespace core::queue
