// SPDX-License-Identifier: MIT
#include "libcore/queue/enqueue.hpp"

#include <algorithm>
#include <unordered_map>
#include <utility>

#include <unistd.h>

#include <fmt/core.h>

#include "libcore/queue/journal.hpp"
#include "libcore/queue/layout.hpp"

namespace core::queue {
namespace {

constexpr std::size_t k_piece = 256UL * 1024;
// Serial numbers that a batch takes at a time, each time twice as many.
constexpr std::uint64_t k_first_serials = 64;
constexpr std::uint64_t k_most_serials = 4096;
// How much a batch grows between two looks whether the queue still has room for it.
constexpr std::uint64_t k_check_each = 1U << 20U;

std::uint64_t blob_size(const codec::Envelope& draft) {
  return draft.blob ? draft.blob->size : 0;
}

// A folder that somebody has removed is made again, as recovery would.
Result<bool> move_to_new_folder(sys::Files& files, const std::string& temporary,
                                const std::string& path) {
  TRY_ASSIGN(const auto there, files.status(folder(State::pending)));
  if (!there) {
    TRY(files.make_directory(folder(State::pending)));
    TRY(files.sync_directory("."));
    TRY_ASSIGN(const bool moved, files.rename(temporary, path, sys::Replace::no));
    if (moved) return true;
  }
  return fail(Errc::io, "enqueue: " + temporary + ": it has vanished");
}

}  // namespace

// Counted in, and given an id.
struct Enqueuer::Admitted {
  OperationId id;
  Serial serial;
  Amount amount;
};

// An older operation that a newer one of the same key takes the place of.
struct Enqueuer::Replaced {
  KeyHolder holder;
  std::string type;
  std::string key;
  OperationId by;
};

Enqueuer::Enqueuer(sys::Files& files, const sys::Clock& clock, sys::Random& random, Limits limits,
                   IfPending if_pending)
    : files_(files), clock_(clock), random_(random), limits_(limits), if_pending_(if_pending) {}

void Enqueuer::stamp(codec::Envelope& draft, const OperationId& id) const {
  draft.id = id;
  draft.created_at = clock_.now();
  const bool timed = draft.not_before || draft.expires_at;
  if (timed && !clock_.is_synchronised()) {
    draft.boot = codec::BootStamp{.boot_id = clock_.boot_id(), .at = clock_.since_boot()};
  }
}

Result<> Enqueuer::write(const FileName& name,
                         const std::function<Result<std::string_view>()>& next) {
  const std::string temporary = temporary_path(name.text(), ::getpid());
  TRY_ASSIGN(const sys::Fd lock, files_.create_from(temporary, next));
  return publish(name, temporary);
}

Result<> Enqueuer::publish(const FileName& name, const std::string& temporary) {
  const std::string path = path_of(State::pending, name);
  auto moved = files_.rename(temporary, path, sys::Replace::no);
  if (moved && !*moved) moved = move_to_new_folder(files_, temporary, path);
  if (!moved) {
    TRY(files_.remove(temporary));
    return tl::unexpected<Error>(std::move(moved).error());
  }
  auto synced = files_.sync_directory(folder(State::pending));
  // Whether the entry is on disk is unknown: take it back, so that the error means "not queued".
  if (!synced) TRY(files_.remove(path));
  return synced;
}

Result<std::optional<KeyHolder>> Enqueuer::older_of(const codec::Envelope& draft) const {
  // Who replaces may overlook one: recovery keeps the newer of two.
  const auto when_lost = if_pending_ == IfPending::replace ? WhenLost::ignore : WhenLost::search;
  TRY_ASSIGN(auto holder, find_key_holder(files_, draft.type, draft.key, when_lost));
  if (holder && if_pending_ == IfPending::error) {
    return fail(Errc::later, fmt::format("enqueue: key '{}' of type '{}': {} is pending already",
                                         draft.key, draft.type, holder->id.text()));
  }
  return holder;
}

Result<Enqueued> Enqueuer::add(codec::Envelope draft) {
  TRY(codec::check_draft(draft));
  if (!draft.key.empty()) return add_keyed(std::move(draft));
  TRY_ASSIGN(const Admitted admitted, admit(draft));
  return add_admitted(std::move(draft), admitted);
}

// One update of usage.json where there could be two; all ids have the same length.
Result<Enqueuer::Admitted> Enqueuer::admit(codec::Envelope& draft) {
  stamp(draft, {});
  // Like the one that it will get: its length counts, give or take some digits.
  draft.serial = Serial{.series = 1'000'000'000'000, .number = 1};
  const auto size = codec::format_envelope(draft).size() + blob_size(draft);
  const Amount amount{.ops = 1, .bytes = size};
  TRY_ASSIGN(const auto taken, queue::admit(files_, clock_, random_, amount, limits_));
  return Admitted{.id = {.stem = taken.stem}, .serial = taken.serial, .amount = amount};
}

Result<Enqueued> Enqueuer::add_admitted(codec::Envelope draft, const Admitted& admitted) {
  const OperationId id = admitted.id;
  stamp(draft, id);
  draft.serial = admitted.serial;
  const std::string line = codec::format_envelope(draft);
  const auto once = [&] {
    return [rest = std::string_view(line)]() mutable -> Result<std::string_view> {
      return std::exchange(rest, {});
    };
  };
  auto written = write(FileName::single(id), once());
  // An fsync that failed has told its error to nobody else: only a new file can be trusted.
  if (!written && written.error().code == Errc::io) written = write(FileName::single(id), once());
  if (!written) {
    TRY(take_back(admitted));
    return tl::unexpected<Error>(std::move(written).error());
  }
  return Enqueued{.id = id};
}

Result<> Enqueuer::take_back(const Admitted& admitted) {
  const auto& [series, number] = admitted.serial;
  return count_out(files_, clock_, admitted.amount,
                   SerialSet({.series = series, .first = number, .last = number}));
}

Result<Enqueued> Enqueuer::add_keyed(codec::Envelope draft) {
  TRY_ASSIGN(const sys::Fd lock, files_.lock(path::k_keys_lock, sys::Wait::yes));
  TRY_ASSIGN(const auto older, older_of(draft));
  if (older && if_pending_ == IfPending::keep) {
    return Enqueued{.id = older->id, .how = Enqueued::How::kept};
  }
  TRY_ASSIGN(const Admitted admitted, admit(draft));
  const OperationId id = admitted.id;
  // Pointing at an operation that then fails to come to be loses nothing: find_key_holder looks.
  // But it would hide the older one, so the pointer goes back if the enqueue fails.
  if (auto pointed = point_key_at(files_, draft.type, draft.key, id); !pointed) {
    TRY(take_back(admitted));
    return tl::unexpected<Error>(std::move(pointed).error());
  }
  const std::string type = draft.type;
  const std::string key = draft.key;
  auto added = add_admitted(std::move(draft), admitted);
  if (!added && older) TRY(point_key_at(files_, type, key, older->id));
  if (added && older) give_up_replaced({{.holder = *older, .type = type, .key = key, .by = id}});
  return added;
}

// The new operations are durable: nothing that goes wrong from here on may be reported as their
// failure. What is left undone, recovery does: of two pending operations of one key it keeps the
// newer.
void Enqueuer::give_up_replaced(const std::vector<Replaced>& replaced) {
  [[maybe_unused]] const auto done = try_give_up(replaced);
}

Result<> Enqueuer::try_give_up(const std::vector<Replaced>& replaced) {
  std::vector<codec::Receipt> receipts;
  const Time now = clock_.now();
  for (const auto& older : replaced) {
    // A line of a batch has no file to move; recovery knows how to settle it, and will.
    if (older.holder.file.kind == FileName::Kind::batch) continue;
    codec::Receipt receipt;
    receipt.id = older.holder.id;
    receipt.type = older.type;
    receipt.outcome = codec::Outcome::failed;
    receipt.reason = codec::Reason::replaced;
    receipt.at = now;
    receipt.attempts = older.holder.file.attempts;
    receipt.error_class = "replaced";
    receipt.error_message = "by " + older.by.text();
    receipts.push_back(std::move(receipt));
  }
  if (receipts.empty()) return {};
  TRY(append_receipts(files_, receipts, now));
  for (const auto& older : replaced) {
    if (older.holder.file.kind == FileName::Kind::batch) continue;
    const std::string name = older.holder.file.text();
    // Missing: it was delivered or moved meanwhile, and that stands.
    TRY(files_.rename(path_in(State::pending, name), path_in(State::failed, name),
                      sys::Replace::no));
  }
  TRY(files_.sync_directory(folder(State::failed)));
  return files_.sync_directory(folder(State::pending));
}

// One batch in the making: turns drafts into lines, and remembers what their keys need.
class Enqueuer::Batch {
 public:
  Batch(Enqueuer& queue, const Ulid& stem,
        const std::function<Result<std::optional<codec::Envelope>>()>& next)
      : queue_(queue), stem_(stem), next_(next) {}

  // The next piece of the file. The newline after the last line of a piece is the beginning of the
  // next piece, and of the file the very last: when the writer is killed in between, recovery must
  // not take the lines so far for a whole batch.
  Result<std::string_view> operator()() {
    if (is_complete_) return std::string_view{};
    const auto before = lines_;
    piece_ = lines_ == 0 ? "" : "\n";
    while (!has_ended_ && piece_.size() < k_piece) {
      TRY_ASSIGN(auto draft, next_());
      if (draft) TRY(take(*draft));
      has_ended_ = !draft;
    }
    is_complete_ = lines_ == before;
    if (!is_complete_) piece_.pop_back();
    return std::string_view(piece_);
  }

  // After the file is durable: the older operations, and the pointers to the newer ones.
  void settle_keys() {
    for (const auto& [name, line] : newest_) {
      const OperationId id{.stem = stem_, .line = line};
      // A pointer that could not be written: recovery keeps the newest of a key anyway.
      if (!point_key_at(queue_.files_, name.first, name.second, id)) break;
    }
    queue_.give_up_replaced(replaced_);
  }

  [[nodiscard]] const Amount& amount() const { return amount_; }
  [[nodiscard]] SerialSet serials() const { return taken_.without(SerialSet(unused_)); }
  [[nodiscard]] const SerialRange& unused() const { return unused_; }
  std::vector<Enqueued>& entries() { return entries_; }

 private:
  struct HashPair {
    std::size_t operator()(const std::pair<std::string, std::string>& name) const {
      return std::hash<std::string>{}(name.first) * 31 + std::hash<std::string>{}(name.second);
    }
  };

  Result<> take(codec::Envelope& draft) {
    TRY(codec::check_draft(draft));
    const OperationId id{.stem = stem_, .line = lines_ + 1};
    if (!draft.key.empty()) {
      TRY_ASSIGN(const bool wanted, take_key(draft, id));
      if (!wanted) return {};
    }
    queue_.stamp(draft, id);
    TRY_ASSIGN(draft.serial, next_serial());
    const std::string line = codec::format_envelope(draft);
    piece_ += line;
    ++lines_;
    ++amount_.ops;
    amount_.bytes += line.size() + blob_size(draft);
    entries_.push_back({.id = id});
    return check_growth();
  }

  Result<Serial> next_serial() {
    if (unused_.count() == 0) {
      TRY_ASSIGN(unused_, take_serials(queue_.files_, queue_.clock_, stem_, serials_at_a_time_));
      serials_at_a_time_ = std::min(2 * serials_at_a_time_, k_most_serials);
      taken_.add(unused_);
    }
    return Serial{.series = unused_.series, .number = unused_.first++};
  }

  // The drafts may have no end. Whether all have room is decided when they are counted in.
  Result<> check_growth() {
    if (amount_.bytes - checked_bytes_ < k_check_each) return {};
    checked_bytes_ = amount_.bytes;
    return check_room(queue_.files_, amount_, queue_.limits_);
  }

  // Whether the draft is to be written; if not, its entry names the older operation.
  Result<bool> take_key(const codec::Envelope& draft, const OperationId& id) {
    if (!lock_.is_open()) {
      TRY_ASSIGN(lock_, queue_.files_.lock(path::k_keys_lock, sys::Wait::yes));
    }
    const auto [at, is_new] = newest_.try_emplace({draft.type, draft.key}, id.line);
    if (!is_new) {
      const OperationId earlier{.stem = stem_, .line = at->second};
      if (queue_.if_pending_ == IfPending::keep) {
        entries_.push_back({.id = earlier, .how = Enqueued::How::kept});
        return false;
      }
      if (queue_.if_pending_ == IfPending::error) {
        return fail(Errc::later, fmt::format("enqueue: key '{}' of type '{}': twice in one batch",
                                             draft.key, draft.type));
      }
      at->second = id.line;  // recovery gives up the earlier line
      return true;
    }
    TRY_ASSIGN(const auto older, queue_.older_of(draft));
    if (!older) return true;
    if (queue_.if_pending_ == IfPending::keep) {
      newest_.erase(at);
      entries_.push_back({.id = older->id, .how = Enqueued::How::kept});
      return false;
    }
    replaced_.push_back({.holder = *older, .type = draft.type, .key = draft.key, .by = id});
    return true;
  }

  Enqueuer& queue_;
  Ulid stem_;
  const std::function<Result<std::optional<codec::Envelope>>()>& next_;
  std::string piece_;
  bool has_ended_ = false;    // there are no more drafts
  bool is_complete_ = false;  // the last newline was handed out
  std::uint32_t lines_ = 0;
  Amount amount_;
  std::uint64_t checked_bytes_ = 0;
  SerialSet taken_;
  SerialRange unused_;  // of these, the ones that no line has yet
  std::uint64_t serials_at_a_time_ = k_first_serials;
  std::vector<Enqueued> entries_;
  sys::Fd lock_;
  std::unordered_map<std::pair<std::string, std::string>, std::uint32_t, HashPair> newest_;
  std::vector<Replaced> replaced_;
};

Result<std::vector<Enqueued>> Enqueuer::add_batch(
    const std::function<Result<std::optional<codec::Envelope>>()>& next) {
  TRY_ASSIGN(const Ulid stem, take_stem(files_, clock_, random_));
  Batch batch(*this, stem, next);
  const FileName name = FileName::batch(stem);
  const std::string temporary = temporary_path(name.text(), ::getpid());
  auto written = files_.create_from(temporary, std::ref(batch));
  if (!written) {
    TRY(give_up_serials(files_, clock_, stem));
    return tl::unexpected<Error>(std::move(written).error());
  }
  if (batch.amount().ops == 0) {
    TRY(files_.remove(temporary));
    TRY(give_up_serials(files_, clock_, stem));
    return std::move(batch.entries());
  }
  if (auto counted = count_in(files_, clock_, stem, batch.amount(), batch.unused(), limits_);
      !counted) {
    TRY(files_.remove(temporary));
    TRY(give_up_serials(files_, clock_, stem));
    return tl::unexpected<Error>(std::move(counted).error());
  }
  if (auto published = publish(name, temporary); !published) {
    TRY(count_out(files_, clock_, batch.amount(), batch.serials()));
    return tl::unexpected<Error>(std::move(published).error());
  }
  batch.settle_keys();
  return std::move(batch.entries());
}

}  // namespace core::queue
