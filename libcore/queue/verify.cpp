// SPDX-License-Identifier: MIT
#include "libcore/queue/verify.hpp"

#include <algorithm>
#include <chrono>
#include <map>
#include <set>
#include <string>
#include <string_view>
#include <utility>

#include "libcore/base/text.hpp"
#include "libcore/codec/envelope.hpp"
#include "libcore/codec/receipt.hpp"
#include "libcore/queue/journal.hpp"
#include "libcore/queue/layout.hpp"
#include "libcore/queue/ledger.hpp"
#include "libcore/queue/name_list.hpp"
#include "libcore/queue/operation.hpp"
#include "libcore/queue/usage.hpp"
#include "libcore/sys/wait.hpp"

namespace core::queue {
namespace {

// From taking a number to a file in tmp/ that says it: microseconds, unless the machine is busy.
constexpr Duration k_publishing{std::chrono::milliseconds{100}};

// What the bytes of one operation say.
struct Reading {
  std::optional<Serial> serial;
  bool is_sound = true;
};

Reading read(std::string_view line, const OperationId& id) {
  if (codec::is_sealed(line)) {
    if (const auto leading = codec::leading_serial(line, id)) return {.serial = leading};
  }
  const auto parsed = codec::parse_envelope(line);
  if (parsed && parsed->envelope.id == id) return {.serial = parsed->envelope.serial};
  return {.serial = codec::leading_serial(line, id), .is_sound = false};
}

// What is on disk now.
struct Found {
  SerialSet serials;
  SerialSet written_out;  // of lines that have a file of their own: their batch has them too
  std::set<Serial> twice;
  std::uint64_t unnumbered = 0;
  std::uint64_t damaged = 0;
  std::uint64_t damaged_unnumbered = 0;
};

// Who has the numbers that are asked for: filled by a second look.
struct Names {
  SerialSet wanted;
  std::map<Serial, std::set<OperationId>> ids;
};

class Walk {
 public:
  Walk(const sys::Files& files, Found& found, Names* names)
      : files_(files), found_(found), names_(names) {}

  Result<> run() {
    // Operations move from pending/ to the others far more often than back.
    for (const State state : {State::pending, State::failed, State::synced})
      TRY(walk(state));
    return {};
  }

 private:
  Result<> walk(State state) {
    NameList names;
    TRY(files_.list(folder(state), [&names](const sys::DirectoryEntry& entry) {
      names.add(entry.name, entry.inode);
    }));
    names.sort();  // numbers come nearly in order, and their set stays small
    for (std::size_t i = 0; i < names.size(); ++i) {
      const auto name = FileName::parse(names.name(i));
      if (!name) continue;
      TRY_ASSIGN(const auto status, files_.status(path_of(state, *name)));
      if (!status || status->kind != sys::FileKind::regular) continue;
      TRY(take_file(state, *name));
    }
    return {};
  }

  Result<> take_file(State state, const FileName& name) {
    const bool is_line = name.line != 0;
    const auto read_all = each_operation(
        files_, state, name,
        [&](std::string_view line, const OperationId& id) { take(line, id, is_line); });
    // Too large to be an operation, or not ours to read: it stops nothing else.
    const bool is_its_own = !read_all && (read_all.error().code == Errc::corrupt ||
                                          read_all.error().code == Errc::denied);
    if (!is_its_own) return read_all;
    ++found_.damaged;
    ++found_.damaged_unnumbered;
    return {};
  }

  void take(std::string_view line, const OperationId& id, bool is_written_out) {
    const Reading reading = read(line, id);
    if (!is_written_out && !reading.is_sound) ++found_.damaged;
    if (!reading.serial) {
      if (!is_written_out) ++(reading.is_sound ? found_.unnumbered : found_.damaged_unnumbered);
      return;
    }
    const bool is_new = (is_written_out ? found_.written_out : found_.serials).add(*reading.serial);
    if (!is_new && !is_written_out) found_.twice.insert(*reading.serial);
    if (names_ == nullptr || !names_->wanted.contains(*reading.serial)) return;
    names_->ids[*reading.serial].insert(id);
  }

  const sys::Files& files_;
  Found& found_;
  Names* names_;
};

class Verification {
 public:
  Verification(const sys::Files& files, Index& index) : files_(files), index_(index) {}

  Result<Account> run() {
    TRY(look(nullptr));
    all_ = given();
    if (!missing().empty() || !found_.twice.empty()) TRY(look_again());
    TRY(count());
    return std::move(account_);
  }

 private:
  // In this order: what is settled and removed meanwhile is in the journal when it is read.
  Result<> look(Names* names) {
    TRY_ASSIGN(const auto numbering, load_numbering(files_));
    if (names == nullptr) given_ = numbering.given;
    TRY(read_writers(numbering));
    found_ = {};
    TRY(Walk(files_, found_, names).run());
    found_.serials.add(found_.written_out);
    TRY(read_receipts());
    return each_ledger_line(
        files_, [this](Fate fate, const SerialSet& serials) { fates_[fate].add(serials); });
  }

  Result<> look_again() {
    sys::pause(k_publishing);
    Names names;
    missing().each([&names](const SerialRange& gap) {
      names.wanted.add({.series = gap.series, .first = gap.first - 1, .last = gap.last + 1});
    });
    for (const auto& serial : found_.twice)
      names.wanted.add(serial);
    const auto twice = found_.twice;
    const auto before = missing();
    TRY(look(&names));
    // What is missing now only was just given out or is moving: the next account tells.
    const auto both = before.without(before.without(missing()));
    both.each([&](const SerialRange& gap) {
      const auto id_of = [&](std::uint64_t number) -> std::optional<OperationId> {
        const auto& ids = names.ids[{.series = gap.series, .number = number}];
        return ids.empty() ? std::nullopt : std::optional(*ids.begin());
      };
      account_.gaps.push_back(
          {.numbers = gap, .after = id_of(gap.first - 1), .before = id_of(gap.last + 1)});
    });
    for (const auto& serial : twice) {
      const auto& ids = names.ids[serial];
      if (ids.size() < 2) continue;  // a copy of one operation: fsck tells of it
      account_.repeats.push_back({.serial = serial, .ids = {ids.begin(), ids.end()}});
    }
    return {};
  }

  // --- what explains a number that no operation has ---

  Result<> read_writers(const Numbering& numbering) {
    std::vector<std::string> names;
    TRY(files_.list(path::k_temporary, [&names](const sys::DirectoryEntry& entry) {
      names.emplace_back(entry.name);
    }));
    std::set<Ulid> writing;
    for (const auto& name : names) {
      const std::string path = std::string(path::k_temporary) + "/" + name;
      const auto final_name = name_of_temporary(name);
      const auto file = final_name ? FileName::parse(*final_name) : std::nullopt;
      if (!file || file->line != 0) continue;
      const auto busy = files_.is_being_written(path);
      if (!busy || !*busy) continue;
      writing.insert(file->stem);
      if (file->kind == FileName::Kind::batch) continue;
      const auto text = sys::read_file(files_, path, k_operation_limit);
      if (!text || !*text) continue;
      if (const auto serial = codec::leading_serial(**text, file->id())) writing_.add(*serial);
    }
    for (const auto& [stem, serials] : numbering.open)
      (writing.contains(stem) ? writing_ : fates_[Fate::unprinted]).add(serials);
    return {};
  }

  Result<> read_receipts() {
    TRY_ASSIGN(const auto days, receipt_days(files_));
    settled_ = {};
    revived_.clear();
    for (const auto& day : days) {
      TRY(each_receipt_line(
          files_, receipts_path(day), 0,
          [this](std::string_view line, std::uint64_t) { return take_receipt(line); }));
    }
    fates_[Fate::given].add(settled_);
    SerialSet revived;
    for (const auto& serial : revived_)
      revived.add(serial);
    fates_[Fate::pruned].add(settled_.without(revived));
    return {};
  }

  Result<> take_receipt(std::string_view line) {
    if (line.find(R"("seq":")") == std::string_view::npos) return {};
    const auto receipt = codec::parse_receipt(line);
    if (!receipt || !receipt->serial) return {};
    switch (receipt->outcome) {
      case codec::Outcome::deleted:
        fates_[Fate::deleted].add(*receipt->serial);
        return note_deleted_line(*receipt);
      case codec::Outcome::synced:
      case codec::Outcome::failed:
        settled_.add(*receipt->serial);
        revived_.erase(*receipt->serial);
        break;
      case codec::Outcome::attempted:
      case codec::Outcome::retried:
        // The last receipt holds: it is pending again, and its file must be there.
        if (settled_.contains(*receipt->serial)) revived_.insert(*receipt->serial);
        break;
    }
    return {};
  }

  // Its bytes are there as long as its batch is.
  Result<> note_deleted_line(const codec::Receipt& receipt) {
    if (receipt.id.line == 0) return {};
    TRY_ASSIGN(const auto entry, index_.find(receipt.id));
    if (!entry) deleted_lines_.add(*receipt.serial);
    return {};
  }

  // --- the account ---

  [[nodiscard]] SerialSet given() const {
    SerialSet all = found_.serials;
    all.add(given_);
    for (const auto& [fate, serials] : fates_)
      all.add(serials);
    return all.filled();
  }

  [[nodiscard]] SerialSet missing() const {
    SerialSet left = given().without(found_.serials).without(writing_);
    for (const auto& [fate, serials] : fates_) {
      if (fate != Fate::given) left = left.without(serials);
    }
    return left;
  }

  Result<> count() {
    account_.given = all_.count();
    std::set<std::uint64_t> series;
    all_.each([&series](const SerialRange& range) { series.insert(range.series); });
    account_.series = series.size();
    account_.unnumbered = found_.unnumbered;
    account_.damaged = found_.damaged;
    account_.damaged_unnumbered = found_.damaged_unnumbered;
    SerialSet left = all_.without(found_.serials);
    const auto take = [&left](const SerialSet& serials) {
      const auto before = left.count();
      left = left.without(serials);
      return before - left.count();
    };
    account_.writing = take(writing_);
    account_.deleted = deleted_lines_.count() - deleted_lines_.without(found_.serials).count();
    account_.deleted += take(fates_[Fate::deleted]);
    account_.removed = take(fates_[Fate::pruned]);
    account_.unprinted = take(fates_[Fate::unprinted]);
    account_.accepted = take(fates_[Fate::accepted]);
    TRY_ASSIGN(const auto totals, index_.totals());
    for (const auto& total : totals) {
      auto& counter = total.state == State::pending  ? account_.pending
                      : total.state == State::synced ? account_.synced
                                                     : account_.failed;
      counter += total.ops;
    }
    return {};
  }

  const sys::Files& files_;
  Index& index_;
  SerialRange given_;
  SerialSet all_;  // that were given out when this began
  Found found_;
  SerialSet writing_;
  std::map<Fate, SerialSet> fates_;
  SerialSet settled_;         // by a receipt
  std::set<Serial> revived_;  // of these, by the last one pending again
  SerialSet deleted_lines_;
  Account account_;
};

}  // namespace

Result<Account> verify(const sys::Files& files, Index& index) {
  return Verification(files, index).run();
}

Result<> accept(sys::Files& files, const std::vector<Gap>& gaps, Time now) {
  SerialSet serials;
  for (const auto& gap : gaps)
    serials.add(gap.numbers);
  return note_in_ledger(files, Fate::accepted, serials, now, sys::Sync::yes);
}

}  // namespace core::queue
