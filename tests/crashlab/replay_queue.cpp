// SPDX-License-Identifier: MIT
//
// usage: replay_queue body LABEL [LINE]
//        replay_queue bodies LABEL COUNT
//        replay_queue write SKIP LABEL COUNT QUEUE
//        replay_queue settle SKIP QUEUE ID...
//        replay_queue check QUEUE MARKS [LISTED]
//
// body, bodies: prints what the operations of a stream have to send.
//
// write: enqueues COUNT operations as offq does, one after the other, and prints each id. SKIP is
// which syncs are left out: none, file, directory or both.
//
// settle: appends a receipt to the journal for each ID, as if it had been delivered, and says
// "must ID synced". SKIP is the same.
//
// check: whether QUEUE keeps what MARKS ("LABEL<tab>LINE") promises; LISTED is what "offq list
// --json" said, and without it the folders alone are looked at, as a crash left them. Prints
// "IDS LOST TORN ASTRAY": so many were promised; are nowhere; are there but damaged; are whole, but
// in a state that was not promised, or in two. Says on standard error which.

#include <cstdio>
#include <fstream>
#include <map>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include <unistd.h>

#include <fmt/core.h>

#include "libcore/base/text.hpp"
#include "libcore/codec/envelope.hpp"
#include "libcore/codec/json_flat.hpp"
#include "libcore/codec/receipt.hpp"
#include "libcore/queue/directory.hpp"
#include "libcore/queue/enqueue.hpp"
#include "libcore/queue/journal.hpp"
#include "libcore/queue/layout.hpp"
#include "libcore/queue/operation.hpp"
#include "libcore/sys/clock.hpp"
#include "libcore/sys/files.hpp"
#include "libcore/sys/random.hpp"
#include "tests/crashlab/replay_promises.hpp"
#include "tests/crashlab/replay_unsynced.hpp"

namespace {

using core::Errc;
using core::fail;
using core::Result;
using core::queue::FileName;
using core::queue::State;
using replay::Promise;

// --- the folders ---

struct Found {
  std::string line;
  int files = 0;  // of its own; 0 for a line of a batch
};

// Every operation that the folders hold, by id; a file of its own goes before a line.
class Folders {
 public:
  static Result<Folders> of(const core::sys::Files& files) {
    Folders folders;
    for (const State state : core::queue::k_states) {
      TRY_ASSIGN(const auto status, files.status(core::queue::folder(state)));
      if (!status) continue;  // the queue was being made, and nothing was promised
      std::vector<FileName> names;
      TRY(files.list(core::queue::folder(state), [&](const core::sys::DirectoryEntry& entry) {
        if (const auto name = FileName::parse(entry.name)) names.push_back(*name);
      }));
      for (const auto& name : names)
        TRY(folders.read(files, state, name));
    }
    return folders;
  }

  [[nodiscard]] const Found* find(const std::string& id) const {
    const auto at = found_.find(id);
    return at == found_.end() ? nullptr : &at->second;
  }

 private:
  Result<> read(const core::sys::Files& files, State state, const FileName& name) {
    const bool is_batch = name.kind == FileName::Kind::batch;
    // An empty file has no line, but it is there.
    if (!is_batch) ++found_[name.id().text()].files;
    return core::queue::each_line(
        files, core::queue::path_of(state, name),
        [&](std::string_view line, std::uint32_t number, std::uint64_t) -> Result<> {
          if (!is_batch && number > 1) return {};
          const core::OperationId id{.stem = name.stem, .line = is_batch ? number : name.line};
          Found& found = found_[id.text()];
          if (!is_batch || found.files == 0) found.line = line;
          return {};
        });
  }

  std::map<std::string, Found> found_;
};

Result<std::string> body_in(const core::sys::Files& files, const std::string& line) {
  if (!core::codec::is_sealed(line)) return fail(Errc::corrupt, "its seal does not hold");
  TRY_ASSIGN(const auto parsed, core::codec::parse_envelope(line));
  const auto& envelope = parsed.envelope;
  if (envelope.payload) return *envelope.payload;
  if (!envelope.blob) return fail(Errc::corrupt, "it has no body");
  TRY_ASSIGN(const auto bytes,
             core::sys::read_file(files, core::queue::blob_path(envelope.blob->sha256),
                                  core::queue::k_operation_limit));
  if (!bytes) return fail(Errc::corrupt, "its blob is missing");
  return *bytes;
}

// --- what offq says ---

struct Listed {
  std::string state;
  std::string reason;
};

Result<std::map<std::string, Listed>> load_listed(const std::string& path) {
  std::map<std::string, Listed> listed;
  std::ifstream file(path);
  for (std::string line; std::getline(file, line);) {
    TRY_ASSIGN(auto members, core::codec::parse_flat_object(line));
    listed[members["id"]] = {.state = members["state"], .reason = members["reason"]};
  }
  return listed;
}

// --- the check ---

struct Verdict {
  enum class Kind { kept, lost, torn, astray } kind = Kind::kept;
  std::string why;
};

class Check {
 public:
  Check(const core::sys::Files& files, const Folders& folders,
        const std::map<std::string, Listed>* listed)
      : files_(files), folders_(folders), listed_(listed) {}

  [[nodiscard]] Verdict judge(const std::string& id, const Promise& promise) const {
    const Found* found = folders_.find(id);
    if (found == nullptr) {
      if (promise.allows("gone")) return {};
      return {.kind = Verdict::Kind::lost, .why = "in no folder"};
    }
    if (listed_ != nullptr) {
      const Verdict verdict = judge_listed(id, promise, *found);
      if (verdict.kind != Verdict::Kind::kept) return verdict;
    }
    if (promise.allows("gone")) return {};  // with or without its body
    const auto body = body_in(files_, found->line);
    if (!body) return {.kind = Verdict::Kind::torn, .why = body.error().message};
    if (*body != promise.body) return {.kind = Verdict::Kind::torn, .why = "another body"};
    return {};
  }

 private:
  [[nodiscard]] Verdict judge_listed(const std::string& id, const Promise& promise,
                                     const Found& found) const {
    const auto at = listed_->find(id);
    if (at == listed_->end()) {
      if (promise.allows("gone")) return {};
      return {.kind = Verdict::Kind::lost, .why = "not listed"};
    }
    const auto& [state, reason] = at->second;
    if (reason == "unreadable") return {.kind = Verdict::Kind::torn, .why = "unreadable"};
    if (!promise.allows(state)) return {.kind = Verdict::Kind::astray, .why = "it is " + state};
    if (found.files > 1) return {.kind = Verdict::Kind::astray, .why = "in two folders"};
    return {};
  }

  const core::sys::Files& files_;
  const Folders& folders_;
  const std::map<std::string, Listed>* listed_;  // null: nobody was asked
};

Result<std::vector<replay::Said>> load_marks(const std::string& path) {
  std::ifstream file(path);
  if (!file) return fail(Errc::io, "marks: " + path + ": cannot be read");
  std::vector<replay::Said> said;
  for (std::string line; std::getline(file, line);) {
    const auto tab = line.find('\t');
    if (tab == std::string::npos) return fail(Errc::corrupt, "marks: no tab: " + line);
    said.push_back({.label = line.substr(0, tab), .line = line.substr(tab + 1)});
  }
  return said;
}

Result<> check(const std::vector<std::string>& words) {
  TRY_ASSIGN(const auto said, load_marks(words[2]));
  TRY_ASSIGN(const auto promises, replay::promises_of(said));
  std::map<Verdict::Kind, std::size_t> counts;
  auto files = core::sys::RealFiles::at(words[1]);
  if (!files && promises.empty()) {  // the queue itself was not there yet
    fmt::print("0 0 0 0\n");
    return {};
  }
  Folders folders;
  if (files) {
    TRY_ASSIGN(folders, Folders::of(*files));
  }
  const bool is_listed = words.size() > 3;
  std::map<std::string, Listed> listed;
  if (is_listed) {
    TRY_ASSIGN(listed, load_listed(words[3]));
  }
  for (const auto& [id, promise] : promises) {
    const Verdict verdict =
        files ? Check(*files, folders, is_listed ? &listed : nullptr).judge(id, promise)
              : Verdict{.kind = Verdict::Kind::lost, .why = "no queue"};
    ++counts[verdict.kind];
    if (verdict.kind == Verdict::Kind::kept) continue;
    fmt::print(stderr, "{} ({:.40}...): {}\n", id, promise.body, verdict.why);
  }
  fmt::print("{} {} {} {}\n", promises.size(), counts[Verdict::Kind::lost],
             counts[Verdict::Kind::torn], counts[Verdict::Kind::astray]);
  return {};
}

// --- the writer ---

Result<> settle(const std::vector<std::string>& words) {
  const auto skip = core::value_of<replay::Skip>(words[1]);
  if (!skip) return fail(Errc::usage, "settle: which syncs?");
  const core::sys::SystemClock clock;
  TRY_ASSIGN(auto real, core::sys::RealFiles::at(words[2]));
  replay::UnsyncedFiles files(real, *skip);
  for (const auto& word : std::span(words).subspan(3)) {
    const auto id = core::OperationId::parse(word);
    if (!id) return fail(Errc::usage, "settle: not an id: " + word);
    core::codec::Receipt receipt;
    receipt.id = *id;
    receipt.type = core::codec::k_default_type;
    receipt.outcome = core::codec::Outcome::synced;
    receipt.at = clock.now();
    TRY(core::queue::append_receipts(files, {&receipt, 1}, receipt.at));
    TRY(core::sys::write_all(STDOUT_FILENO, "must " + word + " synced\n", "standard output"));
  }
  return {};
}

Result<> write(const std::vector<std::string>& words) {
  const auto skip = core::value_of<replay::Skip>(words[1]);
  const auto count = core::parse_unsigned(words[3]);
  if (!skip || !count) return fail(Errc::usage, "write: which syncs, and how many operations?");
  const core::sys::SystemClock clock;
  core::sys::SystemRandom random;
  TRY_ASSIGN(const auto real,
             core::queue::open_directory(words[4], core::queue::Create::yes, clock, random));
  replay::UnsyncedFiles files(*real, *skip);
  core::queue::Enqueuer enqueuer(files, clock, random, {});
  for (std::uint64_t line = 1; line <= *count; ++line) {
    core::codec::Envelope draft;
    draft.type = core::codec::k_default_type;
    draft.request =
        core::codec::Request{.method = "POST", .url = "http://127.0.0.1:9/x", .headers = {}};
    draft.payload = replay::body_of(words[2], line);
    TRY_ASSIGN(const auto added, enqueuer.add(std::move(draft)));
    TRY(core::sys::write_all(STDOUT_FILENO, added.id.text() + "\n", "standard output"));
  }
  return {};
}

Result<> print_bodies(const std::vector<std::string>& words) {
  const auto number = words.size() > 2 ? core::parse_unsigned(words[2]) : std::uint64_t{1};
  if (!number) return fail(Errc::usage, words[0] + ": not a number");
  const std::uint64_t first = words[0] == "body" ? *number : 1;
  for (std::uint64_t line = first; line <= *number; ++line)
    fmt::print("{}\n", replay::body_of(words[1], line));
  return {};
}

Result<> run(const std::vector<std::string>& words) {
  const std::string command = words.empty() ? "" : words[0];
  if (command == "body" && (words.size() == 2 || words.size() == 3)) return print_bodies(words);
  if (command == "bodies" && words.size() == 3) return print_bodies(words);
  if (command == "write" && words.size() == 5) return write(words);
  if (command == "settle" && words.size() > 3) return settle(words);
  if (command == "check" && (words.size() == 3 || words.size() == 4)) return check(words);
  return fail(Errc::usage, "see its source for how to use it");
}

}  // namespace

int main(int argc, char** argv) {
  const auto done = run({argv + 1, argv + argc});
  if (!done) fmt::print(stderr, "replay_queue: {}\n", done.error().message);
  return done ? 0 : 1;
}
