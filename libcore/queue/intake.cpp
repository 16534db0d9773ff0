// SPDX-License-Identifier: MIT
#include "libcore/queue/intake.hpp"

#include <cstdint>
#include <string_view>
#include <utility>

#include "libcore/codec/envelope.hpp"
#include "libcore/codec/receipt.hpp"
#include "libcore/queue/layout.hpp"
#include "libcore/queue/operation.hpp"

namespace core::queue {
namespace {

// Lines that are held in memory until they are added: enough to be worth a thread.
constexpr std::size_t k_together = 1024;

}  // namespace

Result<TakenFile> Intake::add_single(const Result<Entry>& said) {
  TRY(may_go_on());
  if (!said && said.error().code == Errc::corrupt) return TakenFile{.is_ours = false};
  if (!said) return TakenFile{.unreadable = said.error()};
  TRY_ASSIGN(const auto last, index_.last_receipt(said->id));
  TRY(add(*said, last));
  TRY(add_fresh());
  return TakenFile{};
}

Result<TakenFile> Intake::add_batch(State state, const FileName& file,
                                    const sys::FileStatus& status) {
  const std::string path = path_of(state, file);
  // Asked once, for most batches have none yet.
  TRY_ASSIGN(const bool has_receipts, index_.has_receipts(file.stem));
  const auto receipts = has_receipts ? Receipts::some : Receipts::none;
  Result<bool> is_ours = true;  // an error is none of the file's
  const auto read = each_line(
      files_, path,
      [&](std::string_view line, std::uint32_t number, std::uint64_t offset) -> Result<> {
        const OperationId id{.stem = file.stem, .line = number};
        const Place place{
            .state = state, .file = file, .offset = offset, .length = line.size() + 1};
        is_ours = add_line(line, id, place, status.modified, receipts);
        return is_ours && *is_ours ? Result<>{} : fail(Errc::corrupt, "not read to its end");
      });
  // Whoever is told of an error rolls the index back: nobody may be using it then.
  const auto added = finish_adding();
  TRY(is_ours);
  if (!*is_ours) return TakenFile{.is_ours = false};
  TRY(added);
  TRY(add_fresh());
  if (read) return TakenFile{.is_ours = status.size > 0};
  switch (read.error().code) {
    case Errc::not_found:  // gone meanwhile
      return TakenFile{};
    case Errc::corrupt:
      return TakenFile{.is_ours = false};
    default:
      return TakenFile{.unreadable = read.error()};
  }
}

Result<bool> Intake::add_line(std::string_view line, const OperationId& id, const Place& place,
                              Time modified, Receipts receipts) {
  TRY(may_go_on());
  auto parsed = codec::parse_envelope(line);
  if (parsed && parsed->envelope.id == id) {
    std::optional<LastReceipt> last;
    if (receipts == Receipts::some) {
      TRY(finish_adding());
      TRY_ASSIGN(last, index_.last_receipt(id));
    }
    TRY(add(make_entry(parsed->envelope, place, modified, clock_), last));
    return true;
  }
  // The first line says whose file this is; a later one that does not fit is damaged.
  if (id.line == 1 && parsed && !parsed->envelope.id) return false;
  const std::string cause =
      parsed ? "its id is not that of its line" : std::move(parsed).error().message;
  TRY(add_unreadable_line(make_unreadable_entry(id, place, modified), cause));
  return true;
}

// Adds what a file says, seen through the last receipt of the id.
Result<> Intake::add(Entry entry, const std::optional<LastReceipt>& last) {
  if (entry.is_batch_line() && last) {
    if (last->outcome == codec::Outcome::deleted) return {};
    // A batch gets there when every line is delivered or has a file of its own, which then counts:
    // a line that has neither has lost its file to a person.
    const bool is_settled = last->outcome == codec::Outcome::synced;
    if (!is_settled && entry.state() == State::synced) return {};
    if (is_settled) {
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
  if (!entry.key.empty()) keys_.emplace(entry.type, entry.key);
  fresh_.push_back(std::move(entry));
  return fresh_.size() < k_together ? Result<>{} : begin_adding();
}

// To parse lines takes about as long as to add them, and neither needs the other: while some are
// added the next ones are read.
Result<> Intake::begin_adding() {
  TRY(finish_adding());
  // Where no thread can be had, the work is done when it is asked for.
  const auto when = std::launch::async | std::launch::deferred;
  adding_ = std::async(
      when, [this, entries = std::exchange(fresh_, {})] { return index_.add_all(entries); });
  return {};
}

Result<> Intake::finish_adding() {
  return adding_.valid() ? adding_.get() : Result<>{};
}

Result<> Intake::add_fresh() {
  TRY(finish_adding());
  TRY(index_.add_all(fresh_));
  fresh_.clear();
  return {};
}

// A line that cannot be read is given up like an operation of its own.
Result<> Intake::add_unreadable_line(Entry entry, const std::string& cause) {
  TRY(finish_adding());
  TRY_ASSIGN(const auto last, index_.last_receipt(entry.id));
  const bool settled =
      last && (last->outcome == codec::Outcome::synced || last->outcome == codec::Outcome::deleted);
  if (settled || entry.state() != State::pending) return {};
  entry.reason = codec::Reason::none;
  TRY_ASSIGN(const bool added, index_.add(entry));
  if (added) unreadable_lines_.push_back({std::move(entry), cause});
  return {};
}

Result<> Intake::add_unreadable(State state, const std::string& name,
                                const sys::FileStatus& status) {
  TRY(may_go_on());
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

}  // namespace core::queue
