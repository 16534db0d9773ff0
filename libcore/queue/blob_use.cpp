// SPDX-License-Identifier: MIT
#include "libcore/queue/blob_use.hpp"

#include <algorithm>
#include <vector>

#include "libcore/queue/layout.hpp"

namespace core::queue {
namespace {

constexpr std::size_t k_digest_length = 64;

bool is_digest(std::string_view text) {
  return text.size() == k_digest_length && std::ranges::all_of(text, [](char c) {
           return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f');
         });
}

Result<std::vector<std::string>> names_in(const sys::Files& files, const std::string& directory) {
  std::vector<std::string> names;
  TRY(files.list(directory,
                 [&](const sys::DirectoryEntry& entry) { names.emplace_back(entry.name); }));
  return names;
}

// What is cut in two by the end of a chunk is seen whole with the next one.
Result<> scan(const sys::Files& files, const std::string& path,
              const std::function<void(std::string_view)>& visit) {
  constexpr std::size_t k_chunk = 1U << 20U;
  constexpr std::size_t k_overlap = k_digest_length + 1;
  TRY_ASSIGN(const auto status, files.status(path));
  if (!status || status->kind != sys::FileKind::regular) return {};
  TRY_ASSIGN(const sys::Fd fd, files.open(path));
  if (!fd.is_open()) return {};
  std::string text;
  while (true) {
    TRY_ASSIGN(const std::string chunk, sys::read_up_to(fd.get(), k_chunk, path));
    if (chunk.empty()) return {};
    text += chunk;
    each_digest(text, visit);
    if (text.size() > k_overlap) text.erase(0, text.size() - k_overlap);
  }
}

}  // namespace

void each_digest(std::string_view text, const std::function<void(std::string_view)>& visit) {
  for (auto quote = text.find('"'); quote != std::string_view::npos;
       quote = text.find('"', quote + 1)) {
    const std::size_t end = quote + 1 + k_digest_length;
    if (end >= text.size()) return;
    if (text[end] != '"') continue;
    const auto inside = text.substr(quote + 1, k_digest_length);
    if (is_digest(inside)) visit(inside);
  }
}

Result<std::unordered_set<std::string>> used_digests(
    const sys::Files& files, const std::unordered_set<std::string>& except) {
  std::unordered_set<std::string> used;
  // In the order in which files move, so that one that moves meanwhile is still met: out of tmp/,
  // from failed/ to pending/ by a retry, from pending/ to the other two.
  const std::string directories[] = {path::k_temporary,     path::k_receipts,
                                     folder(State::failed), folder(State::pending),
                                     folder(State::synced), folder(State::failed)};
  for (const auto& directory : directories) {
    TRY_ASSIGN(const auto names, names_in(files, directory));
    for (const auto& name : names) {
      const std::string path = directory + "/" + name;
      if (except.contains(path)) continue;
      TRY(scan(files, path, [&](std::string_view digest) { used.emplace(digest); }));
    }
  }
  return used;
}

Result<std::map<std::string, sys::FileStatus>> stored_blobs(const sys::Files& files) {
  std::map<std::string, sys::FileStatus> blobs;
  TRY_ASSIGN(const auto names, names_in(files, path::k_blobs));
  for (const auto& name : names) {
    if (!is_digest(name)) continue;
    TRY_ASSIGN(const auto status, files.status(blob_path(name)));
    if (status && status->kind == sys::FileKind::regular) blobs.emplace(name, *status);
  }
  return blobs;
}

Result<bool> has_living_writers(const sys::Files& files) {
  TRY_ASSIGN(const auto names, names_in(files, path::k_temporary));
  for (const auto& name : names) {
    const std::string path = std::string(path::k_temporary) + "/" + name;
    // Links and special files are no writer's, and may not even be opened.
    TRY_ASSIGN(const auto status, files.status(path));
    if (!status || status->kind != sys::FileKind::regular) continue;
    TRY_ASSIGN(const bool busy, files.is_being_written(path));
    if (busy) return true;
  }
  return false;
}

}  // namespace core::queue
