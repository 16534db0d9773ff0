// SPDX-License-Identifier: MIT
#include "libcore/queue/change_stamps.hpp"

#include <chrono>
#include <cstdint>

#include <fmt/core.h>

#include "libcore/queue/journal.hpp"

namespace core::queue {
namespace {

// A directory changed this recently may change again without its time stamp moving (ext4 stamps
// in ticks of up to 10 ms): such a stamp is not remembered.
constexpr Duration k_racy{std::chrono::milliseconds{20}};

constexpr const char* k_boot = "boot";

std::string stamp_of(const sys::FileStatus& status) {
  return fmt::format("{}:{}", status.inode, status.mtime_ns);
}

}  // namespace

Result<std::vector<ChangeStamp>> current_stamps(const sys::Files& files, const sys::Clock& clock) {
  std::vector<ChangeStamp> stamps;
  const auto now_ns = static_cast<std::uint64_t>(clock.now().time_since_epoch().count()) * 1000;
  const std::uint64_t racy_ns = static_cast<std::uint64_t>(k_racy.count()) * 1000;
  std::vector<std::string> names{path::k_temporary};
  for (const State state : k_states)
    names.push_back(folder(state));
  for (const auto& name : names) {
    TRY_ASSIGN(const auto status, files.status(name));
    const bool reliable = status && status->mtime_ns + racy_ns <= now_ns;
    stamps.push_back({.name = name, .value = reliable ? stamp_of(*status) : ""});
  }
  // What changes in these is no concern of the index, but they must be there.
  for (const char* name : {path::k_blobs, path::k_keys}) {
    TRY_ASSIGN(const auto status, files.status(name));
    stamps.push_back({.name = name, .value = status ? "there" : ""});
  }
  TRY_ASSIGN(const auto journal, files.status(path::k_receipts));
  TRY_ASSIGN(const auto days, receipt_days(files));
  std::string sizes;
  for (const auto& day : days) {
    TRY_ASSIGN(const auto status, files.status(receipts_path(day)));
    sizes += fmt::format("{}:{} ", day, status ? status->size : 0);
  }
  if (sizes.empty() && journal) sizes = "none";
  stamps.push_back({.name = path::k_receipts, .value = sizes});
  // What was written but not synced before a crash of the machine may be gone.
  stamps.push_back({.name = k_boot, .value = clock.boot_id()});
  return stamps;
}

Result<bool> are_known(const std::vector<ChangeStamp>& stamps, Index& index) {
  for (const auto& [name, value] : stamps) {
    TRY_ASSIGN(const auto known, index.stamp(name));
    if (value.empty() || known != value) return false;
  }
  return true;
}

Result<bool> is_of_this_boot(const sys::Clock& clock, Index& index) {
  TRY_ASSIGN(const auto boot, index.stamp(k_boot));
  return boot == clock.boot_id();
}

Result<bool> is_folder_known(State state, const sys::Files& files, const sys::Clock& clock,
                             Index& index) {
  TRY_ASSIGN(const auto status, files.status(folder(state)));
  TRY_ASSIGN(const auto known, index.stamp(folder(state)));
  TRY_ASSIGN(const bool same_boot, is_of_this_boot(clock, index));
  return status && known == stamp_of(*status) && same_boot;
}

}  // namespace core::queue
