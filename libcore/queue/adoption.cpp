// SPDX-License-Identifier: MIT
#include "libcore/queue/adoption.hpp"

#include <array>
#include <cstdint>
#include <cstring>
#include <string_view>
#include <utility>

#include <unistd.h>

#include <fmt/core.h>

#include "libcore/base/text.hpp"
#include "libcore/codec/envelope.hpp"
#include "libcore/codec/receipt.hpp"
#include "libcore/codec/sha256.hpp"
#include "libcore/queue/journal.hpp"
#include "libcore/queue/operation.hpp"
#include "libcore/queue/settle.hpp"

namespace core::queue {
namespace {

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

// Commands come from `offq run` alone.
Result<> refuse_command(const codec::Envelope& draft) {
  if (!draft.command) return {};
  return fail(Errc::corrupt, "command: a file from elsewhere may not name one");
}

}  // namespace

Result<std::optional<Error>> Adoption::adopt(const std::string& name,
                                             const sys::FileStatus& status) {
  const auto proper = FileName::parse(name);
  const bool is_batch = name.ends_with(".jsonl");
  // A proper name without a proper id inside keeps its name's id when the file has none.
  const auto adopted =
      is_batch ? adopt_batch(name, status, proper) : adopt_single(name, status, proper);
  if (adopted) {
    TRY(install(name, adopted->target, adopted->lines));
    ++report_.adopted;
    return std::nullopt;
  }
  switch (adopted.error().code) {
    case Errc::not_found:  // gone meanwhile
      return std::nullopt;
    case Errc::interrupted:
    case Errc::terminated:
      return tl::unexpected(adopted.error());
    case Errc::corrupt:
      TRY(quarantine(name, status, adopted.error().message));
      return std::nullopt;
    default:
      return std::optional(adopted.error());
  }
}

Result<Adoption::Adopted> Adoption::adopt_single(const std::string& name,
                                                 const sys::FileStatus& status,
                                                 const std::optional<FileName>& proper) const {
  const std::string path = path_in(State::pending, name);
  TRY_ASSIGN(const auto text, core::sys::read_file(files_, path, k_operation_limit));
  if (!text) return fail(Errc::not_found, "read: " + path + ": it is gone");
  TRY_ASSIGN(auto parsed, codec::parse_envelope(*text));
  codec::Envelope& draft = parsed.envelope;
  TRY(refuse_command(draft));
  const bool keeps_name = proper && !draft.id;
  const bool keeps_id = !proper && draft.id && draft.id->line == 0;
  OperationId id{.stem = adopted_id(name, status)};
  if (keeps_name) id = proper->id();
  if (keeps_id) id = *draft.id;
  // A copy is an operation of its own, whose number is not that of the first.
  if (!keeps_name && !keeps_id) draft.serial.reset();
  draft.id = id;
  if (!draft.created_at) draft.created_at = status.modified;
  return Adopted{.target = FileName::single(id, keeps_name ? proper->attempts : 0),
                 .lines = codec::format_envelope(draft)};
}

Result<Adoption::Adopted> Adoption::adopt_batch(const std::string& name,
                                                const sys::FileStatus& status,
                                                const std::optional<FileName>& proper) const {
  const Ulid stem = proper ? proper->stem : adopted_id(name, status);
  std::string lines;
  std::uint32_t line_number = 0;
  const auto read =
      each_line(files_, path_in(State::pending, name),
                [&](std::string_view line, std::uint32_t number, std::uint64_t) -> Result<> {
                  TRY(intake_.may_go_on());
                  if (trim(line).empty()) return {};
                  auto parsed = codec::parse_envelope(line);
                  if (!parsed) return wrap(fmt::format("line {}", number), parsed.error());
                  auto& draft = parsed->envelope;
                  TRY(refuse_command(draft));
                  draft.id = OperationId{.stem = stem, .line = ++line_number};
                  draft.serial.reset();
                  if (!draft.created_at) draft.created_at = status.modified;
                  lines += codec::format_envelope(draft);
                  return {};
                });
  TRY(read);
  if (line_number == 0) return fail(Errc::corrupt, "empty");
  return Adopted{.target = FileName::batch(stem), .lines = std::move(lines)};
}

Result<> Adoption::install(const std::string& name, const FileName& target,
                           const std::string& bytes) {
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
  TRY_ASSIGN(const sys::Fd fd, files_.open(to));
  if (!fd.is_open()) return {};
  TRY_ASSIGN(const auto status, sys::status_of(fd, to));
  const Place place{.state = State::pending, .file = target};
  const auto added = target.kind == FileName::Kind::batch
                         ? intake_.add_batch(State::pending, target, status)
                         : intake_.add_single(load_entry(fd, status, place, clock_));
  TRY(added);
  if (added->unreadable) return {};  // the next recovery tries again
  return index_.add_file(State::pending, target.text(), status.inode);
}

// To failed/, bytes untouched, under an id, so that it can be listed, shown and deleted.
Result<> Adoption::quarantine(const std::string& name, const sys::FileStatus& status,
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
  report_.quarantined_ids.push_back(receipt.id);
  TRY(index_.note_receipt(receipt));
  return intake_.add_unreadable(State::failed, target.text(), status);
}

}  // namespace core::queue
