// SPDX-License-Identifier: MIT
#include "libcore/queue/recovery.hpp"

#include <algorithm>
#include <array>
#include <cstring>
#include <set>
#include <utility>

#include <unistd.h>

#include <fmt/core.h>

#include "libcore/base/text.hpp"
#include "libcore/codec/envelope.hpp"
#include "libcore/codec/sha256.hpp"
#include "libcore/queue/directory.hpp"
#include "libcore/queue/journal.hpp"
#include "libcore/queue/layout.hpp"
#include "libcore/queue/name_list.hpp"
#include "libcore/queue/operation.hpp"
#include "libcore/queue/settle.hpp"
#include "libcore/queue/transition.hpp"
#include "libcore/queue/usage.hpp"

namespace core::queue {
namespace {

// A directory changed this recently may change again without its time stamp moving (ext4 stamps
// in ticks of up to 10 ms): such a stamp is not remembered.
constexpr Duration k_racy{std::chrono::milliseconds{20}};

// An id for a hand-written file that is the same each time: an adoption that a crash interrupts
// must not enqueue the file a second time under another id.
Ulid adopted_id(const std::string& name, const sys::FileStatus& status) {
  codec::Sha256 hash;
  hash.update(fmt::format("{}\n{}\n{}", name, status.inode, status.mtime_ns));
  const std::string hex = hash.hex();
  std::array<std::uint8_t, 10> bytes{};
  std::memcpy(bytes.data(), hex.data(), bytes.size());
  return {status.modified, bytes};
}

class Recovery {
 public:
  Recovery(sys::Files& files, Index& index, const sys::Clock& clock, Effects effects)
      : files_(files), index_(index), clock_(clock), effects_(effects) {}

  Result<Recovered> run() {
    TRY_ASSIGN(const bool unchanged, is_unchanged());
    if (unchanged) return std::move(report_);
    TRY_ASSIGN(auto transaction, index_.begin());
    if (effects_ == Effects::all) TRY(tidy_temporary());
    // Stamps are taken before the folders are read: what changes meanwhile is seen next time.
    TRY_ASSIGN(auto stamps, current_stamps());
    for (auto& [name, value] : stamps) {
      if (name == path::k_temporary && is_temporary_open_) value.clear();
    }
    TRY(read_receipts());
    TRY(read_folders());
    TRY(read_batches_again());
    if (effects_ == Effects::all) TRY(finish_what_is_half_done());
    for (const auto& [name, value] : stamps)
      TRY(index_.set_stamp(name, value));
    TRY(transaction.commit());
    return std::move(report_);
  }

 private:
  using Stamps = std::vector<std::pair<std::string, std::string>>;

  Result<> finish_what_is_half_done() {
    TRY(complete_moves());
    TRY(give_up_superseded());
    TRY(finish_batches());
    TRY_ASSIGN(const Amount pending, index_.pending_amount());
    return set_usage(files_, pending);
  }

  // --- change stamps ---

  Result<Stamps> current_stamps() {
    Stamps stamps;
    const auto now_ns = static_cast<std::uint64_t>(clock_.now().time_since_epoch().count()) * 1000;
    const std::uint64_t racy_ns = static_cast<std::uint64_t>(k_racy.count()) * 1000;
    std::vector<std::string> names{path::k_temporary};
    for (const State state : k_states)
      names.push_back(folder(state));
    for (const auto& name : names) {
      TRY_ASSIGN(const auto status, files_.status(name));
      if (!status)
        return fail(Errc::io, "open queue: " + files_.root() + "/" + name + " is missing");
      const bool racy = status->mtime_ns + racy_ns > now_ns;
      stamps.emplace_back(name, racy ? "" : fmt::format("{}:{}", status->inode, status->mtime_ns));
    }
    TRY_ASSIGN(const auto days, receipt_days(files_));
    std::string sizes;
    for (const auto& day : days) {
      TRY_ASSIGN(const auto status, files_.status(receipts_path(day)));
      sizes += fmt::format("{}:{} ", day, status ? status->size : 0);
    }
    stamps.emplace_back(path::k_receipts, sizes.empty() ? "none" : sizes);
    // What was written but not synced before a crash of the machine may be gone.
    stamps.emplace_back("boot", clock_.boot_id());
    return stamps;
  }

  Result<bool> is_unchanged() {
    TRY_ASSIGN(const auto stamps, current_stamps());
    for (const auto& [name, value] : stamps) {
      TRY_ASSIGN(const auto known, index_.stamp(name));
      if (value.empty() || known != value) return false;
    }
    return true;
  }

  // --- 1: tmp ---

  Result<> tidy_temporary() {
    std::vector<std::string> names;
    TRY(files_.list(path::k_temporary,
                    [&](const sys::DirectoryEntry& entry) { names.emplace_back(entry.name); }));
    for (const auto& name : names)
      TRY(tidy_one(name));
    return {};
  }

  Result<> tidy_one(const std::string& name) {
    const std::string temporary = std::string(path::k_temporary) + "/" + name;
    TRY_ASSIGN(const auto status, files_.status(temporary));
    if (!status) return {};
    if (status->kind != sys::FileKind::regular) {
      report_.ignored.push_back(temporary + ": not a file");
      return {};
    }
    const auto busy = files_.is_being_written(temporary);
    if (!busy) {
      report_.ignored.push_back(busy.error().message);
      return {};
    }
    // Created a moment ago and not locked yet: its writer is between open and flock.
    const bool young =
        status->size == 0 && clock_.now() - status->modified < std::chrono::seconds{10};
    if (*busy || young) {
      // Its writer may die without touching the folder again: it must be looked at next time.
      is_temporary_open_ = true;
      return {};
    }
    const auto final_name = name_of_temporary(name);
    const auto file = final_name ? FileName::parse(*final_name) : std::nullopt;
    if (file && file->line == 0 && is_whole(temporary)) return promote(temporary, *file);
    TRY_ASSIGN(const bool removed, files_.remove(temporary));
    if (removed) ++report_.dropped;
    return {};
  }

  bool is_whole(const std::string& path) {
    std::uint32_t lines = 0;
    std::uint64_t end = 0;
    const auto read = each_line(
        files_, path, [&](std::string_view line, std::uint32_t number, std::uint64_t offset) {
          lines = number;
          end = offset + line.size() + 1;
          return codec::is_sealed(line) ? Result<>{} : Result<>(fail(Errc::corrupt, "not sealed"));
        });
    if (!read || lines == 0) return false;
    const auto status = files_.status(path);
    return status && *status && (**status).size == end;  // the last newline is there too
  }

  Result<> promote(const std::string& temporary, const FileName& file) {
    TRY_ASSIGN(const bool moved,
               move_or_make_room(files_, temporary, path_of(State::pending, file)));
    if (moved) ++report_.promoted;
    if (!moved) TRY(files_.remove(temporary));
    return files_.sync_directory(folder(State::pending));
  }

  // --- 2: journal ---

  Result<> read_receipts() {
    TRY_ASSIGN(const auto days, receipt_days(files_));
    for (const auto& day : days) {
      const std::string stamp = "receipts/" + day;
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
    const auto receipt = codec::parse_receipt(line);
    if (!receipt) return {};  // torn by a crash, or not ours: fsck names it
    TRY_ASSIGN(const bool concerns_us, index_.note_receipt(*receipt));
    if (concerns_us) touched_.insert(receipt->id);
    return {};
  }

  // --- 3: folders ---

  struct Listing {
    State state = State::pending;
    NameList names;
    std::vector<std::size_t> fresh;
  };

  // What vanished from every folder is forgotten before anything new is read: a file that a person
  // moved from one folder to another must not lose against its own old place.
  Result<> read_folders() {
    std::vector<Listing> changed;
    for (const State state : k_states) {
      TRY_ASSIGN(const bool same, is_as_stamped(state));
      if (same) continue;
      changed.push_back({.state = state, .names = {}, .fresh = {}});
      TRY(compare(changed.back()));
    }
    for (const auto& [state, names, fresh] : changed) {
      for (const auto i : fresh)
        TRY(read_file(state, std::string(names.name(i)), names.inode(i)));
    }
    return {};
  }

  Result<bool> is_as_stamped(State state) {
    TRY_ASSIGN(const auto status, files_.status(folder(state)));
    TRY_ASSIGN(const auto known, index_.stamp(folder(state)));
    TRY_ASSIGN(const auto boot, index_.stamp("boot"));
    return status && known == fmt::format("{}:{}", status->inode, status->mtime_ns) &&
           boot == clock_.boot_id();
  }

  // Lists the folder beside what the index knows of it, both in order of name.
  Result<> compare(Listing& listing) {
    auto& [state, names, fresh] = listing;
    TRY(files_.list(folder(state), [&names](const sys::DirectoryEntry& entry) {
      names.add(entry.name, entry.inode);
    }));
    names.sort();
    std::vector<std::string> vanished;
    std::size_t at = 0;
    TRY(index_.each_file(state, [&](std::string_view name, std::uint64_t inode) {
      while (at < names.size() && names.name(at) < name)
        fresh.push_back(at++);
      const bool listed = at < names.size() && names.name(at) == name;
      if (listed && names.inode(at) == inode) {
        ++at;
        return;
      }
      vanished.emplace_back(name);
      if (listed) fresh.push_back(at++);  // another file under the same name
    }));
    while (at < names.size())
      fresh.push_back(at++);
    for (const auto& name : vanished)
      TRY(forget(state, name));
    return {};
  }

  Result<> forget(State state, const std::string& name) {
    TRY(index_.remove_file(state, name));
    const auto file = FileName::parse(name);
    if (!file || file->line == 0) return {};
    // A line's own file is gone: by hand, or because it moved. If nothing else claims the id, the
    // line in its batch counts again: read the batch anew.
    for (const State of : k_states) {
      const FileName batch = FileName::batch(file->stem);
      TRY_ASSIGN(const auto status, files_.status(path_of(of, batch)));
      if (status) reread_.insert({of, batch.text()});
    }
    return {};
  }

  Result<> read_file(State state, const std::string& name, std::uint64_t inode) {
    const std::string path = path_in(state, name);
    const auto status = files_.status(path);
    if (!status) {
      report_.ignored.push_back(status.error().message);
      return {};
    }
    if (!*status) return {};
    if ((**status).kind != sys::FileKind::regular) {
      report_.ignored.push_back(path + ": not a file");
      return {};
    }
    const auto file = FileName::parse(name);
    Result<bool> readable = false;
    if (file && file->kind == FileName::Kind::batch) {
      readable = add_batch(state, *file, **status);
    } else if (file) {
      readable = add_single(state, *file, **status);
    } else if (!is_adoptable(name)) {
      report_.ignored.push_back(path + ": not the name of an operation");
      return {};
    }
    if (!readable && readable.error().code == Errc::denied) {
      report_.ignored.push_back(readable.error().message);  // a person can mend that
      return {};
    }
    TRY(readable);
    if (*readable) return index_.add_file(state, name, inode);
    if (state == State::pending && effects_ == Effects::none) {
      report_.ignored.push_back(path + ": not adopted: the queue cannot be written");
      return {};
    }
    return state == State::pending ? adopt(name, **status) : list_unreadable(state, name, **status);
  }

  // True: read and added. False: this is not what offq writes.
  Result<bool> add_single(State state, const FileName& file, const sys::FileStatus& status) {
    const std::string path = path_of(state, file);
    auto text = core::sys::read_file(files_, path, k_operation_limit);
    if (!text && text.error().code == Errc::corrupt) return false;
    TRY(text);
    if (!*text) return true;  // gone meanwhile
    auto parsed = codec::parse_envelope(**text);
    if (!parsed || parsed->envelope.id != file.id()) return false;
    const Place place{.state = state, .file = file, .length = status.size};
    TRY(add(make_entry(parsed->envelope, place, status.modified, clock_)));
    return true;
  }

  Result<bool> add_batch(State state, const FileName& file, const sys::FileStatus& status) {
    const std::string path = path_of(state, file);
    bool is_ours = true;
    const auto read = each_line(
        files_, path,
        [&](std::string_view line, std::uint32_t number, std::uint64_t offset) -> Result<> {
          const OperationId id{.stem = file.stem, .line = number};
          const Place place{
              .state = state, .file = file, .offset = offset, .length = line.size() + 1};
          auto parsed = codec::parse_envelope(line);
          if (parsed && parsed->envelope.id == id) {
            return add(make_entry(parsed->envelope, place, status.modified, clock_));
          }
          // The first line says whose file this is; a later one that does not fit is damaged.
          if (number == 1 && parsed && !parsed->envelope.id) is_ours = false;
          if (!is_ours) return fail(Errc::corrupt, "hand-written");
          const std::string cause =
              parsed ? "its id is not that of its line" : std::move(parsed).error().message;
          return add_unreadable_line(make_unreadable_entry(id, place, status.modified), cause);
        });
    if (!is_ours) return false;
    if (!read && read.error().code == Errc::not_found) return true;  // gone meanwhile
    if (!read && read.error().code == Errc::corrupt) return false;
    TRY(read);
    return status.size > 0;
  }

  // Adds what a file says, seen through the last receipt of the id.
  Result<> add(Entry entry) {
    TRY_ASSIGN(const auto last, index_.last_receipt(entry.id));
    if (entry.is_batch_line() && last) {
      if (last->outcome == codec::Outcome::deleted) return {};
      if (last->outcome == codec::Outcome::synced) {
        entry.place.state = State::synced;
        entry.settled_at = last->at;
      }
    }
    if (entry.state() == State::failed) {
      const bool explained = last && last->outcome == codec::Outcome::failed;
      entry.reason = explained ? last->reason : codec::Reason::moved;
      if (explained) entry.settled_at = last->at;
    }
    if (entry.state() == State::synced && last) entry.settled_at = last->at;
    if (last) touched_.insert(entry.id);
    TRY(index_.add(entry));
    return {};
  }

  // A line that cannot be read is given up like an operation of its own.
  Result<> add_unreadable_line(Entry entry, const std::string& cause) {
    TRY_ASSIGN(const auto last, index_.last_receipt(entry.id));
    const bool settled = last && last->outcome != codec::Outcome::attempted;
    if (settled || entry.state() != State::pending) return {};
    entry.reason = codec::Reason::none;
    TRY_ASSIGN(const bool added, index_.add(entry));
    if (added) unreadable_lines_.push_back({std::move(entry), cause});
    return {};
  }

  // --- hand-written and damaged files ---

  Result<> adopt(const std::string& name, const sys::FileStatus& status) {
    const auto proper = FileName::parse(name);
    const bool is_batch = name.ends_with(".jsonl");
    // A proper name without a proper id inside keeps its name's id when the file has none.
    auto adopted =
        is_batch ? adopt_batch(name, status, proper) : adopt_single(name, status, proper);
    if (adopted) {
      ++report_.adopted;
      return {};
    }
    if (adopted.error().code != Errc::corrupt) return adopted;
    return quarantine(name, status, adopted.error().message);
  }

  Result<> adopt_single(const std::string& name, const sys::FileStatus& status,
                        const std::optional<FileName>& proper) {
    TRY_ASSIGN(const auto text,
               core::sys::read_file(files_, path_in(State::pending, name), k_operation_limit));
    if (!text) return {};
    TRY_ASSIGN(auto parsed, codec::parse_envelope(*text));
    codec::Envelope& draft = parsed.envelope;
    const bool keeps_name = proper && !draft.id;
    const bool keeps_id = !proper && draft.id && draft.id->line == 0;
    OperationId id{.stem = adopted_id(name, status)};
    if (keeps_name) id = proper->id();
    if (keeps_id) id = *draft.id;
    draft.id = id;
    if (!draft.created_at) draft.created_at = status.modified;
    return install(name, FileName::single(id, keeps_name ? proper->attempts : 0),
                   codec::format_envelope(draft));
  }

  Result<> adopt_batch(const std::string& name, const sys::FileStatus& status,
                       const std::optional<FileName>& proper) {
    const Ulid stem = proper ? proper->stem : adopted_id(name, status);
    std::string lines;
    std::uint32_t line_number = 0;
    TRY(each_line(files_, path_in(State::pending, name),
                  [&](std::string_view line, std::uint32_t number, std::uint64_t) -> Result<> {
                    if (trim(line).empty()) return {};
                    auto parsed = codec::parse_envelope(line);
                    if (!parsed) return wrap(fmt::format("line {}", number), parsed.error());
                    auto& draft = parsed->envelope;
                    draft.id = OperationId{.stem = stem, .line = ++line_number};
                    if (!draft.created_at) draft.created_at = status.modified;
                    lines += codec::format_envelope(draft);
                    return {};
                  }));
    if (line_number == 0) return fail(Errc::corrupt, "empty");
    return install(name, FileName::batch(stem), lines);
  }

  Result<> install(const std::string& name, const FileName& target, const std::string& bytes) {
    const std::string temporary = temporary_path(target.text(), ::getpid());
    const std::string from = path_in(State::pending, name);
    const std::string to = path_of(State::pending, target);
    TRY(files_.remove(temporary));
    TRY_ASSIGN(const sys::Fd lock, files_.create(temporary, bytes));
    if (from == to) {
      TRY(files_.rename(temporary, to, sys::Replace::yes));
      TRY(files_.sync_directory(folder(State::pending)));
    } else {
      TRY_ASSIGN(const bool moved, move_or_make_room(files_, temporary, to));
      if (!moved) TRY(files_.remove(temporary));
      TRY(files_.sync_directory(folder(State::pending)));
      TRY(files_.remove(from));
    }
    TRY_ASSIGN(const auto status, files_.status(to));
    if (!status) return {};
    const auto added = target.kind == FileName::Kind::batch
                           ? add_batch(State::pending, target, *status)
                           : add_single(State::pending, target, *status);
    TRY(added);
    return index_.add_file(State::pending, target.text(), status->inode);
  }

  // To failed/, bytes untouched, under an id, so that it can be listed, shown and deleted.
  Result<> quarantine(const std::string& name, const sys::FileStatus& status,
                      const std::string& cause) {
    const auto proper = FileName::parse(name);
    FileName target = FileName::single({.stem = adopted_id(name, status)});
    if (proper && proper->kind == FileName::Kind::single) {
      TRY_ASSIGN(const auto taken, files_.status(path_of(State::failed, *proper)));
      if (!taken) target = *proper;
    }
    codec::Receipt receipt;
    receipt.id = target.id();
    receipt.outcome = codec::Outcome::failed;
    receipt.reason = codec::Reason::unreadable;
    receipt.at = clock_.now();
    receipt.attempts = target.attempts;
    receipt.error_class = "unreadable";
    receipt.error_message = path_in(State::pending, name) + ": " + cause;
    TRY(append_receipts(files_, {&receipt, 1}, receipt.at));
    TRY(move_or_make_room(files_, path_in(State::pending, name), path_of(State::failed, target)));
    TRY(files_.sync_directory(folder(State::failed)));
    TRY(files_.sync_directory(folder(State::pending)));
    ++report_.quarantined;
    TRY(index_.note_receipt(receipt));
    return list_unreadable(State::failed, target.text(), status);
  }

  Result<> list_unreadable(State state, const std::string& name, const sys::FileStatus& status) {
    const auto file = FileName::parse(name);
    TRY(index_.add_file(state, name, status.inode));
    if (!file || file->kind == FileName::Kind::batch) {
      report_.ignored.push_back(path_in(state, name) + ": cannot be read");
      return {};
    }
    const Place place{.state = state, .file = *file, .length = status.size};
    TRY(index_.add(make_unreadable_entry(file->id(), place, status.modified)));
    return {};
  }

  // --- 4: moves with a receipt ---

  Result<> read_batches_again() {
    for (const auto& [state, name] : std::exchange(reread_, {})) {
      TRY_ASSIGN(const auto status, files_.status(path_in(state, name)));
      const auto file = FileName::parse(name);
      if (status && file) TRY(add_batch(state, *file, *status));
    }
    return {};
  }

  Result<> complete_moves() {
    std::vector<Settlement> moves;
    for (const auto& id : touched_) {
      TRY_ASSIGN(const auto entry, index_.find(id));
      TRY_ASSIGN(const auto last, index_.last_receipt(id));
      if (!entry || !last) continue;
      if (const auto move = unfinished(*entry, *last)) {
        moves.push_back({.entry = *entry, .transition = *move, .receipt = {}});
        moves.back().receipt.at = last->at;
      }
    }
    report_.completed += moves.size();
    for (auto& [entry, cause] : unreadable_lines_) {
      Settlement settlement{.entry = std::move(entry), .transition = {}, .receipt = {}};
      settlement.transition = {.to = State::failed,
                               .receipt = codec::Outcome::failed,
                               .reason = codec::Reason::unreadable};
      settlement.receipt.error_class = "unreadable";
      settlement.receipt.error_message = cause;
      moves.push_back(std::move(settlement));
      ++report_.quarantined;
    }
    return settle(moves);
  }

  // The move that the last receipt asks for and that has not happened.
  static std::optional<Transition> unfinished(const Entry& entry, const LastReceipt& last) {
    switch (last.outcome) {
      case codec::Outcome::synced:
        if (entry.state() == State::synced) return std::nullopt;
        return Transition{.to = State::synced, .attempts = last.attempts};
      case codec::Outcome::failed:
        // Charged more than the name says: the rename is missing. As much: a person moved it back.
        if (entry.state() != State::pending) return std::nullopt;
        if (!entry.is_batch_line() && last.attempts <= entry.attempts) return std::nullopt;
        return Transition{.to = State::failed, .attempts = last.attempts, .reason = last.reason};
      case codec::Outcome::deleted:
        return Transition{.to = std::nullopt, .attempts = entry.attempts};
      case codec::Outcome::attempted:
      case codec::Outcome::retried:
        return std::nullopt;
    }
    return std::nullopt;
  }

  // --- 5 and 6 ---

  Result<> give_up_superseded() {
    TRY_ASSIGN(auto older, index_.superseded());
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

  Result<> settle(std::vector<Settlement>& moves) {
    if (moves.empty()) return {};
    return Settler(files_, index_, clock_).settle_within(moves);
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

  struct UnreadableLine {
    Entry entry;
    std::string cause;
  };

  sys::Files& files_;
  Index& index_;
  const sys::Clock& clock_;
  const Effects effects_;
  Recovered report_;
  bool is_temporary_open_ = false;  // somebody writes in tmp/
  std::set<OperationId> touched_;   // ids whose receipt may ask for a move
  std::set<std::pair<State, std::string>> reread_;
  std::vector<UnreadableLine> unreadable_lines_;
};

}  // namespace

std::string Recovered::text() const {
  const std::pair<std::uint64_t, const char*> counts[] = {
      {promoted, "promoted from tmp/"},
      {dropped, "unfinished files dropped from tmp/"},
      {adopted, "adopted"},
      {quarantined, "unreadable, moved to failed/"},
      {completed, "moves completed"},
      {replaced, "replaced by a newer operation of the same key"},
  };
  std::string text;
  for (const auto& [count, what] : counts) {
    if (count > 0) text += fmt::format("{}{} {}", text.empty() ? "" : ", ", count, what);
  }
  return text;
}

Result<Recovered> recover(sys::Files& files, Index& index, const sys::Clock& clock,
                          Effects effects) {
  return Recovery(files, index, clock, effects).run();
}

}  // namespace core::queue
