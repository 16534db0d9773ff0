// SPDX-License-Identifier: MIT
#include "libcore/queue/fsck.hpp"

#include <algorithm>
#include <string_view>
#include <utility>

#include <unistd.h>

#include <fmt/core.h>

#include "libcore/codec/envelope.hpp"
#include "libcore/codec/receipt.hpp"
#include "libcore/queue/blob_use.hpp"
#include "libcore/queue/body_checks.hpp"
#include "libcore/queue/copies.hpp"
#include "libcore/queue/directory.hpp"
#include "libcore/queue/index_check.hpp"
#include "libcore/queue/journal.hpp"
#include "libcore/queue/layout.hpp"
#include "libcore/queue/operation.hpp"
#include "libcore/queue/prune.hpp"
#include "libcore/queue/usage.hpp"

namespace core::queue {
namespace {

constexpr std::uint32_t k_writable_by_others = 022;

constexpr std::string_view k_known_names[] = {
    "queue.json",   "config.yaml", "pending",    "synced",       "failed",       "receipts",
    "blobs",        "tmp",         "keys",       "network",      "network.json", "checkpoints",
    "hooks",        "index.db",    "state.db",   "index.db-wal", "index.db-shm", "state.db-wal",
    "state.db-shm", "lock",        "usage.json", "ledger.jsonl", "watch",        "netwatch",
    "outputs",      "running"};

Result<std::vector<std::string>> sorted_names(const sys::Files& files,
                                              const std::string& directory) {
  std::vector<std::string> names;
  TRY(files.list(directory,
                 [&](const sys::DirectoryEntry& entry) { names.emplace_back(entry.name); }));
  std::ranges::sort(names);
  return names;
}

bool is_same(const Amount& a, const Amount& b) {
  return a.ops == b.ops && a.bytes == b.bytes;
}

class Check {
 public:
  Check(const sys::Files& files, Index& index, const sys::Clock& clock,
        const std::function<Result<>()>& look_again)
      : files_(files),
        index_(index),
        clock_(clock),
        look_again_(look_again),
        body_checks_(files),
        index_check_(files, index) {}

  Result<Checkup> run() {
    TRY(check_root());
    for (const State state : k_states)
      TRY(check_folder(state));
    TRY(check_copies());
    TRY(check_receipts());
    TRY(check_blobs());
    TRY(check_temporary());
    TRY(check_index());
    TRY(check_usage());
    return std::move(report_);
  }

 private:
  void find(Severity severity, std::string path, std::string what, std::string remedy = {}) {
    report_.findings.push_back({.severity = severity,
                                .path = std::move(path),
                                .what = std::move(what),
                                .remedy = std::move(remedy)});
  }

  void check_mode(const std::string& path, const sys::FileStatus& status) {
    if (status.owner != ::geteuid()) {
      find(Severity::warning, path, fmt::format("belongs to user {}", status.owner));
    }
    if ((status.mode & k_writable_by_others) != 0) {
      find(Severity::warning, path,
           fmt::format("others may write to it (mode {:04o})", status.mode));
    }
  }

  Result<> check_root() {
    TRY_ASSIGN(const auto names, sorted_names(files_, "."));
    for (const auto& name : names) {
      TRY_ASSIGN(const auto status, files_.status(name));
      if (!status) continue;
      const bool is_known =
          is_of_reserve(name) || std::ranges::find(k_known_names, name) != std::end(k_known_names);
      if (!is_known) {
        find(Severity::info, name, "is no part of a queue");
      } else {
        check_mode(name, *status);
      }
    }
    return {};
  }

  // --- operations ---

  Result<> check_folder(State state) {
    TRY_ASSIGN(const auto names, sorted_names(files_, folder(state)));
    for (const auto& name : names) {
      const std::string path = path_in(state, name);
      TRY_ASSIGN(const auto status, files_.status(path));
      if (!status) continue;
      if (status->kind != sys::FileKind::regular) {
        find(Severity::info, path, "is not a file");
        continue;
      }
      check_mode(path, *status);
      const auto file = FileName::parse(name);
      if (!file) {
        const bool hand_written = state == State::pending && is_adoptable(name);
        find(Severity::info, path, hand_written ? "is not adopted yet" : "is not an operation");
        continue;
      }
      ++report_.files;
      const auto checked = file->kind == FileName::Kind::batch ? check_batch(state, *file)
                                                               : check_single(state, *file);
      if (checked || checked.error().code == Errc::not_found) continue;  // or moved meanwhile
      if (checked.error().code != Errc::corrupt) index_check_.cannot_read(state, *file);
      find(Severity::damage, path, checked.error().message);
    }
    return {};
  }

  Result<> check_single(State state, const FileName& file) {
    const std::string path = path_of(state, file);
    auto text = sys::read_file(files_, path, k_operation_limit);
    if (text && !*text) return {};  // moved meanwhile
    ++report_.operations;
    if (!text && text.error().code != Errc::corrupt) {
      // Left alone where it is: a person can mend that, or the disk may answer next time.
      index_check_.cannot_read(state, file);
      const bool forbidden = text.error().code == Errc::denied;
      find(Severity::damage, path,
           (forbidden ? "may not be read: " : "cannot be read: ") + text.error().message);
      if (state == State::pending) report_.lost.push_back(file.id().text());
      return {};
    }
    TRY(index_check_.has_single(state, file));
    const auto parsed = text ? codec::parse_envelope(**text)
                             : Result<codec::ParsedEnvelope>(tl::unexpected(text.error()));
    if (!parsed) return unreadable(state, path, file.id(), parsed.error().message);
    if (parsed->envelope.id != file.id()) {
      return unreadable(state, path, file.id(), "its id is not that of its name");
    }
    return check_body(state, path, parsed->envelope);
  }

  Result<> unreadable(State state, const std::string& path, const OperationId& id,
                      const std::string& cause) {
    switch (state) {
      case State::pending:
        find(Severity::damage, path, cause, "moves to failed/");
        report_.lost.push_back(id.text());
        break;
      case State::failed:
        return unreadable_in_failed(path, id, cause);
      case State::synced:
        find(Severity::info, path, "was delivered, and has been damaged since: " + cause);
        break;
    }
    return {};
  }

  Result<> unreadable_in_failed(const std::string& path, const OperationId& id,
                                const std::string& cause) {
    TRY_ASSIGN(const std::string name, foreign_name_of(id));
    if (name.empty()) {
      find(Severity::info, path, "unreadable, and kept for you to look at: " + cause);
      report_.lost.push_back(id.text());
    } else {
      find(
          Severity::info, path,
          fmt::format("was put into pending/ as '{}', is no operation, and is kept for you to look "
                      "at: {}",
                      name, cause));
    }
    return {};
  }

  // What a file in failed/ was called when recovery found it in pending/, if no operation is called
  // so: then nothing is lost with it. Empty: it was an operation, or its receipt is gone.
  Result<std::string> foreign_name_of(const OperationId& id) {
    const std::string place = path_in(State::pending, "");
    TRY_ASSIGN(const auto lines, receipt_lines_of(files_, id));
    for (const auto& line : lines) {
      const auto receipt = codec::parse_receipt(line);
      if (!receipt || receipt->reason != codec::Reason::unreadable) continue;
      if (!receipt->error_message.starts_with(place)) continue;
      const std::string rest = receipt->error_message.substr(place.size());
      std::string name = rest.substr(0, rest.find(": "));
      if (!FileName::parse(name)) return name;
    }
    return std::string{};
  }

  Result<> check_batch(State state, const FileName& file) {
    const std::string path = path_of(state, file);
    return each_line(
        files_, path, [&](std::string_view line, std::uint32_t number, std::uint64_t offset) {
          ++report_.operations;
          return check_line(state, path, {.stem = file.stem, .line = number}, line, offset);
        });
  }

  // Only lines that are still to be delivered from this file matter.
  Result<> check_line(State state, const std::string& path, const OperationId& id,
                      std::string_view line, std::uint64_t offset) {
    const auto parsed = codec::parse_envelope(line);
    const bool is_good = parsed && parsed->envelope.id == id;
    index_check_.has_line(state, id, offset, line.size() + 1,
                          is_good ? IndexCheck::Line::good : IndexCheck::Line::damaged);
    if (is_good && !parsed->envelope.blob) return {};
    TRY_ASSIGN(const auto entry, index_.find(id));
    TRY_ASSIGN(const auto last, index_.last_receipt(id));
    const bool is_settled = last && last->outcome != codec::Outcome::attempted;
    if (is_settled || (entry && !entry->is_batch_line())) return {};
    const std::string place = fmt::format("{}:{}", path, id.line);
    if (is_good) return check_body(State::pending, place, parsed->envelope);
    return unreadable(State::pending, place, id,
                      parsed ? "its id is not that of its line" : parsed.error().message);
  }

  Result<> check_body(State state, const std::string& path, const codec::Envelope& envelope) {
    if (!envelope.blob || state == State::synced) return {};
    TRY_ASSIGN(const std::string complaint, body_checks_.complaint(*envelope.blob));
    if (complaint.empty()) return {};
    find(Severity::damage, path,
         fmt::format("its body {} {}", blob_path(envelope.blob->sha256), complaint),
         state == State::failed
             ? std::string{}
             : "moves to failed/, where `offq retry` finds it when the body is back");
    if (envelope.id) report_.lost.push_back(envelope.id->text());
    return {};
  }

  Result<> check_copies() {
    TRY_ASSIGN(const auto found, copies(files_));
    for (const auto& [id, paths] : found) {
      for (std::size_t i = 1; i < paths.size(); ++i) {
        TRY_ASSIGN(const bool same, have_same_bytes(files_, paths[0], paths[i]));
        find(same ? Severity::warning : Severity::info, paths[i],
             fmt::format("has the same id as {}, which counts{}", paths[0],
                         same ? "" : "; their bytes differ"),
             same ? "removes this copy" : "");
      }
    }
    return {};
  }

  // --- receipts ---

  Result<> check_receipts() {
    TRY_ASSIGN(const auto names, sorted_names(files_, path::k_receipts));
    for (const auto& name : names) {
      const std::string path = std::string(path::k_receipts) + "/" + name;
      TRY_ASSIGN(const auto status, files_.status(path));
      if (!status) continue;
      if (status->kind != sys::FileKind::regular || !name.ends_with(".jsonl")) {
        find(Severity::info, path, "is no journal");
        continue;
      }
      check_mode(path, *status);
      TRY(check_journal(path));
    }
    return {};
  }

  Result<> check_journal(const std::string& path) {
    std::uint64_t unreadable = 0;
    std::uint64_t without = 0;
    TRY(each_receipt_line(files_, path, 0, [&](std::string_view line, std::uint64_t) -> Result<> {
      const auto receipt = codec::parse_receipt(line);
      if (!receipt) {
        ++unreadable;
        return {};
      }
      ++report_.receipts;
      TRY_ASSIGN(const auto entry, index_.find(receipt->id));
      if (!entry) ++without;
      return {};
    }));
    if (unreadable > 0) {
      find(Severity::info, path,
           fmt::format("{} of its lines cannot be read and count for nothing", unreadable));
    }
    if (without > 0) {
      find(Severity::info, path,
           fmt::format("{} of its receipts are of operations that are gone", without));
    }
    return {};
  }

  // --- the rest ---

  Result<> check_blobs() {
    TRY_ASSIGN(const auto stored, stored_blobs(files_));
    TRY_ASSIGN(const auto names, sorted_names(files_, path::k_blobs));
    for (const auto& name : names) {
      if (!stored.contains(name)) find(Severity::info, blob_path(name), "is not a body");
    }
    report_.blobs = stored.size();
    if (stored.empty()) return {};
    TRY_ASSIGN(const auto used, used_digests(files_));
    const Time youngest = clock_.now() - k_youngest_orphan;
    for (const auto& [digest, status] : stored) {
      check_mode(blob_path(digest), status);
      if (used.contains(digest) || status.modified > youngest) continue;
      find(Severity::info, blob_path(digest), "nothing refers to it: `offq prune` removes it");
    }
    return {};
  }

  Result<> check_temporary() {
    TRY_ASSIGN(const auto names, sorted_names(files_, path::k_temporary));
    for (const auto& name : names) {
      const std::string path = std::string(path::k_temporary) + "/" + name;
      TRY_ASSIGN(const auto status, files_.status(path));
      if (!status) continue;
      if (status->kind != sys::FileKind::regular) {
        find(Severity::info, path, "is not a file");
        continue;
      }
      TRY_ASSIGN(const bool busy, files_.is_being_written(path));
      if (!busy) find(Severity::info, path, "its writer is gone: the next command removes it");
    }
    return {};
  }

  Result<> check_index() {
    TRY_ASSIGN(const auto differences, index_check_.differences(look_again_));
    if (differences > 0) {
      find(Severity::warning, path::k_index,
           fmt::format("differs from the files in {} place{}", differences,
                       differences == 1 ? "" : "s"),
           "makes it again");
    }
    return {};
  }

  Result<> check_usage() {
    TRY_ASSIGN(auto said, load_usage(files_));
    TRY_ASSIGN(Amount real, index_.pending_amount());
    if (said && !is_same(*said, real)) {
      TRY(look_again_());
      TRY_ASSIGN(said, load_usage(files_));
      TRY_ASSIGN(real, index_.pending_amount());
    }
    if (!said) {
      find(Severity::info, path::k_usage, "is missing or damaged: the next enqueue counts again");
    } else if (!is_same(*said, real)) {
      find(Severity::info, path::k_usage,
           fmt::format("counts {} operations of {} bytes; there are {} of {}", said->ops,
                       said->bytes, real.ops, real.bytes),
           "sets it right");
    }
    return {};
  }

  const sys::Files& files_;
  Index& index_;
  const sys::Clock& clock_;
  const std::function<Result<>()>& look_again_;
  BodyChecks body_checks_;
  IndexCheck index_check_;
  Checkup report_;
};

}  // namespace

bool Checkup::is_healthy() const {
  return std::ranges::all_of(
      findings, [](const Finding& finding) { return finding.severity == Severity::info; });
}

Result<Checkup> check(const sys::Files& files, Index& index, const sys::Clock& clock,
                      const std::function<Result<>()>& look_again) {
  return Check(files, index, clock, look_again).run();
}

}  // namespace core::queue
