// SPDX-License-Identifier: MIT
#include "libcore/queue/keys.hpp"

#include <set>
#include <utility>

#include <unistd.h>

#include "libcore/codec/json_check.hpp"
#include "libcore/codec/json_flat.hpp"
#include "libcore/codec/json_members.hpp"
#include "libcore/codec/json_text.hpp"
#include "libcore/codec/sha256.hpp"
#include "libcore/queue/journal.hpp"
#include "libcore/queue/operation_lines.hpp"

namespace core::queue {
namespace {

constexpr ByteCount k_pointer_limit{64UL * 1024};
// How far the name of a file is searched: its attempts are not in the pointer. An operation with
// more than these counts as lost.
constexpr int k_attempts_searched = 100;

std::string digest(std::string_view type, std::string_view key) {
  codec::Sha256 hash;
  hash.update(type);
  hash.update(std::string_view("\0", 1));
  hash.update(key);
  return hash.hex();
}

bool is_pointer_name(std::string_view name) {
  constexpr std::size_t k_digits = 32;
  return name.size() == k_digits &&
         name.find_first_not_of("0123456789abcdef") == std::string_view::npos;
}

struct Parsed {
  std::string type;
  std::string key;
  std::optional<OperationId> id;  // none: damaged
};

Parsed parse_pointer(const std::string& text) {
  auto members = codec::parse_flat_object(text);
  if (!members) return {};
  return {.type = (*members)["type"],
          .key = (*members)["key"],
          .id = OperationId::parse((*members)["id"])};
}

Result<std::optional<FileName>> find_single(const sys::Files& files, State state,
                                            const OperationId& id) {
  for (int attempts = 0; attempts <= k_attempts_searched; ++attempts) {
    const FileName name = FileName::single(id, attempts);
    TRY_ASSIGN(const auto status, files.status(path_of(state, name)));
    if (status) return name;
  }
  return std::nullopt;
}

// A line without a file of its own is pending unless the journal says that it was settled.
Result<std::optional<FileName>> find_line(const sys::Files& files, const OperationId& id) {
  const FileName batch = FileName::batch(id.stem);
  TRY_ASSIGN(const auto status, files.status(path_of(State::pending, batch)));
  if (!status) return std::nullopt;
  TRY_ASSIGN(const auto lines, receipt_lines_of(files, id));
  if (!lines.empty()) return std::nullopt;
  return batch;
}

Result<std::optional<FileName>> find_pending(const sys::Files& files, const OperationId& id) {
  TRY_ASSIGN(auto file, find_single(files, State::pending, id));
  if (file || id.line == 0) return file;
  return find_line(files, id);
}

Result<bool> is_settled(const sys::Files& files, const OperationId& id) {
  for (const State state : {State::synced, State::failed}) {
    TRY_ASSIGN(const auto own, find_single(files, state, id));
    if (own) return true;
  }
  if (id.line == 0) return false;
  for (const State state : k_states) {
    TRY_ASSIGN(const auto batch, files.status(path_of(state, FileName::batch(id.stem))));
    if (batch) return true;  // and its line is not pending
  }
  return false;
}

struct Followed {
  std::optional<KeyHolder> holder{};
  bool is_lost = false;  // there is a pointer, and it says nothing
};

// nullopt: there is none.
Result<std::optional<Parsed>> read_pointer(const sys::Files& files, std::string_view type,
                                           std::string_view key) {
  TRY_ASSIGN(const auto text, sys::read_file(files, key_path(digest(type, key)), k_pointer_limit));
  if (!text) return std::nullopt;
  Parsed pointer = parse_pointer(*text);
  // The name of a pointer is a part of the digest: compare what it stands for.
  if (pointer.id && (pointer.type != type || pointer.key != key)) return std::nullopt;
  return pointer;
}

Result<Followed> follow(const sys::Files& files, std::string_view type, std::string_view key) {
  TRY_ASSIGN(const auto pointer, read_pointer(files, type, key));
  if (!pointer) return Followed{};
  if (!pointer->id) return Followed{.is_lost = true};
  TRY_ASSIGN(const auto file, find_pending(files, *pointer->id));
  if (file) return Followed{.holder = KeyHolder{.id = *pointer->id, .file = *file}};
  TRY_ASSIGN(const bool settled, is_settled(files, *pointer->id));
  return Followed{.is_lost = !settled};
}

// Whether the line is an operation of this type and key. Its seal is not looked at, for that needs
// a parser that enqueue is linked without.
bool has_key(std::string_view line, std::string_view type, std::string_view key) {
  const auto kind = codec::check_json(line);
  if (!kind || *kind != codec::JsonKind::object) return false;
  bool is_type = false;
  bool is_key = false;
  codec::JsonMembers members(line);
  while (const auto member = members.next()) {
    if (member->name == R"("type")") is_type = codec::decode_json_string(member->value) == type;
    if (member->name == R"("key")") is_key = codec::decode_json_string(member->value) == key;
  }
  return is_type && is_key;
}

// Reads everything that is pending.
Result<std::optional<KeyHolder>> search(const sys::Files& files, std::string_view type,
                                        std::string_view key) {
  std::vector<FileName> names;
  TRY(files.list(folder(State::pending), [&names](const sys::DirectoryEntry& entry) {
    if (const auto name = FileName::parse(entry.name)) names.push_back(*name);
  }));
  std::set<OperationId, std::greater<>> ids;
  for (const auto& name : names) {
    const auto read =
        each_operation(files, State::pending, name, [&](std::string_view line, OperationId id) {
          if (has_key(line, type, key)) ids.insert(id);
        });
    // What cannot be read has no key for anybody.
    const bool is_unreadable =
        !read && (read.error().code == Errc::denied || read.error().code == Errc::corrupt);
    if (!is_unreadable) TRY(read);
  }
  for (const auto& id : ids) {
    TRY_ASSIGN(const auto file, find_pending(files, id));
    if (file) return KeyHolder{.id = id, .file = *file};
  }
  return std::nullopt;
}

}  // namespace

Result<std::optional<KeyHolder>> find_key_holder(sys::Files& files, std::string_view type,
                                                 std::string_view key, WhenLost when_lost) {
  TRY_ASSIGN(auto followed, follow(files, type, key));
  if (!followed.is_lost || when_lost == WhenLost::ignore) return std::move(followed.holder);
  TRY_ASSIGN(auto found, search(files, type, key));
  // Not durable, or not at all: then it is searched for again.
  if (found) [[maybe_unused]]
    const auto mended = point_key_at(files, type, key, found->id);
  return found;
}

Result<std::optional<OperationId>> newest_of_key(const sys::Files& files, std::string_view type,
                                                 std::string_view key) {
  TRY_ASSIGN(const auto pointer, read_pointer(files, type, key));
  return pointer ? pointer->id : std::nullopt;
}

Result<> claim_key(sys::Files& files, std::string_view type, std::string_view key,
                   const OperationId& id) {
  TRY_ASSIGN(const auto followed, follow(files, type, key));
  if (followed.holder) return {};
  // Who enqueues a batch may hold the lock for as long as its lines take to come, so it is not
  // waited for. Should this overwrite a pointer that runs ahead of its operation, the next recovery
  // meets the file of that operation, and points at it.
  return point_key_at(files, type, key, id);
}

Result<> point_key_at(sys::Files& files, std::string_view type, std::string_view key,
                      const OperationId& id) {
  const std::string name = key_path(digest(type, key));
  const std::string temporary = temporary_path("key." + id.text(), ::getpid());
  TRY_ASSIGN(const sys::Fd lock,
             files.create(
                 temporary,
                 codec::JsonObject().add("type", type).add("key", key).add("id", id.text()).text() +
                     "\n"));
  TRY(sys::put_in_place(files, temporary, name));
  return files.sync_directory(path::k_keys);
}

Result<std::vector<Pointer>> pointers_to_nothing(
    const sys::Files& files, const std::function<bool(const OperationId&)>& is_there) {
  std::vector<std::string> names;
  TRY(files.list(path::k_keys, [&](const sys::DirectoryEntry& entry) {
    if (is_pointer_name(entry.name)) names.emplace_back(entry.name);
  }));
  std::vector<Pointer> dead;
  for (const auto& name : names) {
    const std::string path = std::string(path::k_keys) + "/" + name;
    const auto text = sys::read_file(files, path, k_pointer_limit);
    if (!text || !*text) continue;
    auto parsed = parse_pointer(**text);
    if (!parsed.id || is_there(*parsed.id)) continue;
    dead.push_back({.path = path, .type = std::move(parsed.type), .key = std::move(parsed.key)});
  }
  return dead;
}

}  // namespace core::queue
