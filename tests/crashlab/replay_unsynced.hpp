// SPDX-License-Identifier: MIT
#pragma once

// Files that leave out some of the syncs they promise, for the negative controls of the replay
// laboratory: what is written this way must get lost in some crash. All else is passed on.

#include <cerrno>

#include <fcntl.h>
#include <sys/file.h>
#include <unistd.h>

#include "libcore/base/enum_names.hpp"
#include "libcore/sys/files.hpp"

namespace replay {

enum class Skip { none, file, directory, both };

class UnsyncedFiles final : public core::sys::Files {
 public:
  UnsyncedFiles(core::sys::Files& real, Skip skip) : real_(real), skip_(skip) {}

  [[nodiscard]] const std::string& root() const override { return real_.root(); }
  [[nodiscard]] core::Result<std::optional<core::sys::FileStatus>> status(
      const std::string& path) const override {
    return real_.status(path);
  }
  [[nodiscard]] core::Result<> list(
      const std::string& directory,
      const std::function<void(const core::sys::DirectoryEntry&)>& visit) const override {
    return real_.list(directory, visit);
  }
  [[nodiscard]] core::Result<core::sys::Fd> open(const std::string& path) const override {
    return real_.open(path);
  }
  [[nodiscard]] core::Result<bool> is_being_written(const std::string& path) const override {
    return real_.is_being_written(path);
  }
  [[nodiscard]] core::Result<core::sys::Space> space() const override { return real_.space(); }

  core::Result<> make_directory(const std::string& path) override {
    return real_.make_directory(path);
  }
  core::Result<core::sys::Fd> create(const std::string& path, std::string_view bytes) override {
    if (!skips_files()) return real_.create(path, bytes);
    TRY_ASSIGN(core::sys::Fd fd, create_empty(path));
    TRY(core::sys::write_all(fd.get(), bytes, path));
    return fd;
  }
  core::Result<core::sys::Fd> create_from(
      const std::string& path,
      const std::function<core::Result<std::string_view>()>& next) override {
    if (!skips_files()) return real_.create_from(path, next);
    TRY_ASSIGN(core::sys::Fd fd, create_empty(path));
    while (true) {
      TRY_ASSIGN(const std::string_view piece, next());
      if (piece.empty()) return fd;
      TRY(core::sys::write_all(fd.get(), piece, path));
    }
  }
  core::Result<> append(const std::string& path, std::string_view lines,
                        core::sys::Sync sync) override {
    return real_.append(path, lines, skips_files() ? core::sys::Sync::no : sync);
  }
  core::Result<bool> rename(const std::string& from, const std::string& to,
                            core::sys::Replace replace) override {
    return real_.rename(from, to, replace);
  }
  core::Result<bool> remove(const std::string& path) override { return real_.remove(path); }
  core::Result<> sync_directory(const std::string& directory) override {
    if (skip_ == Skip::directory || skip_ == Skip::both) return {};
    return real_.sync_directory(directory);
  }
  core::Result<> update(
      const std::string& path,
      const std::function<core::Result<std::string>(const std::string&)>& change) override {
    return real_.update(path, change);
  }
  core::Result<core::sys::Fd> lock(const std::string& path, core::sys::Wait wait) override {
    return real_.lock(path, wait);
  }
  core::Result<> set_modified(const std::string& path, core::Time time) override {
    return real_.set_modified(path, time);
  }
  core::Result<> allocate(const std::string& path, core::ByteCount size) override {
    return real_.allocate(path, size);
  }

 private:
  [[nodiscard]] bool skips_files() const { return skip_ == Skip::file || skip_ == Skip::both; }
  [[nodiscard]] core::Result<core::sys::Fd> create_empty(const std::string& path) const {
    const std::string full = real_.root() + "/" + path;
    core::sys::Fd fd(::open(full.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600));
    if (!fd.is_open()) return core::sys::io_error("create", full, errno);
    if (::flock(fd.get(), LOCK_EX | LOCK_NB) != 0) {
      return core::sys::io_error("lock", full, errno);
    }
    return fd;
  }

  core::sys::Files& real_;
  Skip skip_;
};

}  // namespace replay

template <>
inline constexpr std::array<std::string_view, 4> core::enum_names<replay::Skip>{
    "none", "file", "directory", "both"};
