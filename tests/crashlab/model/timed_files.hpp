// SPDX-License-Identifier: MIT
#pragma once

// Files whose time stamps follow the test's clock instead of the kernel's: the change stamps of
// folders, and when a file was put where it is. Recovery decides by both. No two changes of a
// folder have the same stamp, which a filesystem with coarse stamps cannot promise.

#include <map>
#include <string>
#include <utility>

#include "libcore/sys/clock.hpp"
#include "libcore/sys/files.hpp"
#include "libcore/sys/paths.hpp"

namespace model {

// Ways to be wrong on purpose, to see that the test notices.
enum class Sabotage { none, forget_receipts, lose_moves, ignore_lanes };

class TimedFiles final : public core::sys::Files {
 public:
  using Path = std::string;

  TimedFiles(core::sys::Files& real, const core::sys::Clock& clock, Sabotage sabotage)
      : real_(real), clock_(clock), sabotage_(sabotage) {}

  [[nodiscard]] const std::string& root() const override { return real_.root(); }
  [[nodiscard]] core::Result<std::optional<core::sys::FileStatus>> status(
      const Path& path) const override {
    TRY_ASSIGN(auto status, real_.status(path));
    if (!status) return status;
    const auto changed = changed_.find(status->inode);
    if (changed == changed_.end()) return status;
    status->ctime_ns = changed->second;
    if (status->kind == core::sys::FileKind::directory) status->mtime_ns = changed->second;
    return status;
  }
  [[nodiscard]] core::Result<> list(
      const Path& directory,
      const std::function<void(const core::sys::DirectoryEntry&)>& visit) const override {
    return real_.list(directory, visit);
  }
  [[nodiscard]] core::Result<core::sys::Fd> open(const Path& path) const override {
    return real_.open(path);
  }
  [[nodiscard]] core::Result<bool> is_being_written(const Path& path) const override {
    return real_.is_being_written(path);
  }
  [[nodiscard]] core::Result<core::sys::Space> space() const override { return real_.space(); }

  core::Result<> make_directory(const Path& path) override {
    auto made = real_.make_directory(path);
    changed(path);
    return made;
  }
  core::Result<core::sys::Fd> create(const Path& path, std::string_view bytes) override {
    auto created = real_.create(path, bytes);
    moved(path);
    return created;
  }
  core::Result<core::sys::Fd> create_from(
      const Path& path, const std::function<core::Result<std::string_view>()>& next) override {
    auto created = real_.create_from(path, next);
    moved(path);
    return created;
  }
  core::Result<> append(const Path& path, std::string_view lines, core::sys::Sync sync) override {
    if (sabotage_ == Sabotage::forget_receipts) return {};
    return real_.append(path, lines, sync);
  }
  core::Result<bool> rename(const Path& from, const Path& to, core::sys::Replace replace) override {
    if (sabotage_ == Sabotage::lose_moves && to.starts_with("synced/")) return remove(from);
    auto renamed = real_.rename(from, to, replace);
    changed(core::sys::parent_path(from));
    moved(to);
    return renamed;
  }
  core::Result<bool> remove(const Path& path) override {
    auto removed = real_.remove(path);
    changed(core::sys::parent_path(path));
    return removed;
  }
  core::Result<> sync_directory(const Path& directory) override {
    return real_.sync_directory(directory);
  }
  core::Result<> update(
      const Path& path,
      const std::function<core::Result<std::string>(const std::string&)>& change) override {
    return real_.update(path, change);
  }
  core::Result<core::sys::Fd> lock(const Path& path, core::sys::Wait wait) override {
    return real_.lock(path, wait);
  }
  core::Result<> set_modified(const Path& path, core::Time time) override {
    auto set = real_.set_modified(path, time);
    changed(path);
    return set;
  }
  core::Result<> allocate(const Path& path, core::ByteCount size) override {
    return real_.allocate(path, size);
  }

 private:
  void moved(const Path& path) {
    changed(path);
    changed(core::sys::parent_path(path));
  }
  void changed(const Path& path) {
    const auto status = real_.status(path);
    if (!status || !*status) return;
    const auto now = clock_.now().time_since_epoch();
    const auto now_ns = std::chrono::duration_cast<std::chrono::nanoseconds>(now).count();
    // Below the microsecond that times are told in, so that no stamp is later than "now".
    changed_[(**status).inode] = static_cast<std::uint64_t>(now_ns) - 999 + changes_++ % 999;
  }

  core::sys::Files& real_;
  const core::sys::Clock& clock_;
  const Sabotage sabotage_;
  std::map<std::uint64_t, std::uint64_t> changed_;  // inode, nanoseconds
  std::uint64_t changes_ = 0;
};

}  // namespace model
