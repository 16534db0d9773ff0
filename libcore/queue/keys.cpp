// SPDX-License-Identifier: MIT
#include "libcore/queue/keys.hpp"

#include <utility>

#include <unistd.h>

#include "libcore/codec/json_flat.hpp"
#include "libcore/codec/json_text.hpp"
#include "libcore/codec/sha256.hpp"
#include "libcore/queue/journal.hpp"

namespace core::queue {
namespace {

constexpr ByteCount k_pointer_limit{64UL * 1024};
// How far the name of a file is searched: its attempts are not in the pointer. An operation with
// more than these is not found, and recovery settles which of the two stays.
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

struct Pointer {
  std::string type;
  std::string key;
  std::optional<OperationId> id;
};

Pointer parse_pointer(const std::string& text) {
  auto members = codec::parse_flat_object(text);
  if (!members) return {};  // damaged: as good as none, recovery keeps the newest of a key
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

}  // namespace

Result<std::optional<KeyHolder>> find_key_holder(const sys::Files& files, std::string_view type,
                                                 std::string_view key) {
  TRY_ASSIGN(const auto text, sys::read_file(files, key_path(digest(type, key)), k_pointer_limit));
  if (!text) return std::nullopt;
  const Pointer pointer = parse_pointer(*text);
  // The name of a pointer is a part of the digest: compare what it stands for.
  if (!pointer.id || pointer.type != type || pointer.key != key) return std::nullopt;
  const OperationId id = *pointer.id;
  TRY_ASSIGN(auto file, find_single(files, State::pending, id));
  if (!file && id.line != 0) {
    TRY_ASSIGN(file, find_line(files, id));
  }
  if (!file) return std::nullopt;
  return KeyHolder{.id = id, .file = *file};
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

Result<std::vector<std::string>> pointers_to_nothing(
    const sys::Files& files, const std::function<bool(const OperationId&)>& is_there) {
  std::vector<std::string> names;
  TRY(files.list(path::k_keys, [&](const sys::DirectoryEntry& entry) {
    if (is_pointer_name(entry.name)) names.emplace_back(entry.name);
  }));
  std::vector<std::string> dead;
  for (const auto& name : names) {
    const std::string path = std::string(path::k_keys) + "/" + name;
    const auto text = sys::read_file(files, path, k_pointer_limit);
    if (!text || !*text) continue;
    const Pointer pointer = parse_pointer(**text);
    if (!pointer.id || !is_there(*pointer.id)) dead.push_back(path);
  }
  return dead;
}

}  // namespace core::queue
