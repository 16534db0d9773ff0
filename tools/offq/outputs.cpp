// SPDX-License-Identifier: MIT
#include "tools/offq/outputs.hpp"

#include <algorithm>
#include <cstdint>
#include <utility>
#include <vector>

#include "libcore/base/text.hpp"
#include "libcore/codec/json_flat.hpp"
#include "libcore/codec/json_text.hpp"
#include "libcore/queue/layout.hpp"
#include "libcore/sys/paths.hpp"
#include "libcore/sys/process.hpp"
#include "tools/offq/names.hpp"

namespace offq {
namespace {

namespace path = core::queue::path;

constexpr std::size_t k_most = 100;
constexpr std::uint64_t k_most_bytes = 64UL << 20U;
constexpr core::ByteCount k_file_limit{Outputs::k_largest.value + 4096};

std::string path_of(std::string_view digest) {
  return core::sys::join_path(path::k_outputs, std::string(digest));
}

std::optional<Output> parse(std::string_view text) {
  const auto end = text.find('\n');
  if (end == std::string_view::npos) return std::nullopt;
  const auto members = core::codec::parse_flat_object(text.substr(0, end));
  if (!members) return std::nullopt;
  const auto member = [&](const char* name) {
    const auto found = members->find(name);
    return found == members->end() ? std::string{} : found->second;
  };
  const auto at = core::parse_time(member("at"));
  const auto size = core::parse_unsigned(member("size"));
  const auto bytes = text.substr(end + 1);
  if (!at || size != bytes.size()) return std::nullopt;  // torn
  return Output{.at = *at, .bytes = std::string(bytes)};
}

}  // namespace

Result<std::optional<Output>> Outputs::find(const std::string& digest, core::Duration ttl) const {
  auto text = core::sys::read_file(files_, path_of(digest), k_file_limit);
  if (!text && text.error().code == Errc::corrupt) return std::nullopt;  // not one of ours
  TRY(text);
  if (!*text) return std::nullopt;
  auto output = parse(**text);
  const auto now = clock_.now();
  const bool is_fresh = output && output->at <= now && now - output->at <= ttl;
  return is_fresh ? std::move(output) : std::nullopt;
}

Result<> Outputs::keep(const std::string& digest, const std::string& bytes) {
  TRY(files_.make_directory(path::k_outputs));
  TRY(make_room());
  const auto temporary = core::queue::temporary_path("output-" + digest, core::sys::process_id());
  const auto head = core::codec::JsonObject()
                        .add("at", core::format_time(clock_.now()))
                        .add("size", bytes.size())
                        .text();
  TRY(files_.remove(temporary));
  TRY_ASSIGN(const auto lock, files_.create(temporary, head + "\n" + bytes));
  return core::sys::put_in_place(files_, temporary, path_of(digest));
}

Result<> Outputs::make_room() {
  struct Kept {
    core::Time modified;
    std::uint64_t size = 0;
    std::string path;
  };
  std::vector<std::string> names;
  TRY(files_.list(path::k_outputs,
                  [&](const core::sys::DirectoryEntry& entry) { names.emplace_back(entry.name); }));
  std::vector<Kept> all;
  std::uint64_t total = 0;
  for (const auto& name : names) {
    TRY_ASSIGN(const auto status, files_.status(path_of(name)));
    if (!status || status->kind != core::sys::FileKind::regular) continue;
    total += status->size;
    all.push_back({.modified = status->modified, .size = status->size, .path = path_of(name)});
  }
  std::ranges::sort(all, {}, &Kept::modified);
  auto left = all.size();
  for (const auto& oldest : all) {
    if (left < k_most && total <= k_most_bytes - k_largest.value) break;
    TRY(files_.remove(oldest.path));
    total -= oldest.size;
    --left;
  }
  return {};
}

}  // namespace offq
