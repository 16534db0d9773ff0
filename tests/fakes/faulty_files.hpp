// SPDX-License-Identifier: MIT
#pragma once

// Files that fail, or "crash", at the n-th effect. A failing effect returns an error and the next
// ones work again; after a crash every later effect fails as well and does nothing, as if the
// process had been killed there. Reading works but for what is `unreadable`.

#include <cerrno>
#include <cstdint>
#include <functional>
#include <limits>
#include <set>
#include <string>

#include "libcore/sys/files.hpp"

namespace fakes {

enum class Fault { error, full, crash };

class FaultyFiles final : public core::sys::Files {
 public:
  explicit FaultyFiles(core::sys::Files& real) : real_(real) {}

  // The `n`-th effect from now on (from 0) goes wrong.
  void arm(std::uint64_t n, Fault fault) {
    fails_at_ = count_ + n;
    fault_ = fault;
  }
  // What others do just before a directory is listed.
  std::function<void(const std::string& directory)> on_list;
  // And before a file is opened to be read.
  std::function<void(const std::string& path)> on_open;

  // What the disk does not give.
  std::set<std::string> unreadable;

  void disarm() { fails_at_ = std::numeric_limits<std::uint64_t>::max(); }
  [[nodiscard]] bool has_struck() const { return count_ > fails_at_; }

  [[nodiscard]] const std::string& root() const override { return real_.root(); }
  [[nodiscard]] core::Result<std::optional<core::sys::FileStatus>> status(
      const std::string& path) const override {
    return real_.status(path);
  }
  [[nodiscard]] core::Result<> list(
      const std::string& directory,
      const std::function<void(const core::sys::DirectoryEntry&)>& visit) const override {
    if (on_list) on_list(directory);
    return real_.list(directory, visit);
  }
  [[nodiscard]] core::Result<core::sys::Fd> open(const std::string& path) const override {
    if (on_open) on_open(path);
    if (unreadable.contains(path)) return core::sys::io_error("open", path, EIO);
    return real_.open(path);
  }
  [[nodiscard]] core::Result<bool> is_being_written(const std::string& path) const override {
    return real_.is_being_written(path);
  }
  [[nodiscard]] core::Result<core::sys::Space> space() const override { return real_.space(); }

  core::Result<> make_directory(const std::string& path) override {
    TRY(strike("mkdir", path));
    return real_.make_directory(path);
  }
  core::Result<core::sys::Fd> create(const std::string& path, std::string_view bytes) override {
    TRY(strike_creating(path));
    return real_.create(path, bytes);
  }
  core::Result<core::sys::Fd> create_from(
      const std::string& path,
      const std::function<core::Result<std::string_view>()>& next) override {
    TRY(strike_creating(path));
    return real_.create_from(path, next);
  }
  core::Result<> append(const std::string& path, std::string_view lines,
                        core::sys::Sync sync) override {
    TRY(strike("append", path));
    return real_.append(path, lines, sync);
  }
  core::Result<bool> rename(const std::string& from, const std::string& to,
                            core::sys::Replace replace) override {
    TRY(strike("rename", from));
    return real_.rename(from, to, replace);
  }
  core::Result<bool> remove(const std::string& path) override {
    TRY(strike("remove", path));
    return real_.remove(path);
  }
  core::Result<> sync_directory(const std::string& directory) override {
    TRY(strike("fsync", directory));
    return real_.sync_directory(directory);
  }
  core::Result<> update(
      const std::string& path,
      const std::function<core::Result<std::string>(const std::string&)>& change) override {
    TRY(strike("update", path));
    return real_.update(path, change);
  }
  core::Result<core::sys::Fd> lock(const std::string& path, core::sys::Wait wait) override {
    TRY(strike("lock", path));
    return real_.lock(path, wait);
  }
  core::Result<> set_modified(const std::string& path, core::Time time) override {
    TRY(strike("utimens", path));
    return real_.set_modified(path, time);
  }
  core::Result<> allocate(const std::string& path, core::ByteCount size) override {
    TRY(strike("fallocate", path));
    return real_.allocate(path, size);
  }

 private:
  core::Result<> strike(const char* what, const std::string& path) {
    const std::uint64_t at = count_++;
    if (at < fails_at_ || (fault_ != Fault::crash && at > fails_at_)) return {};
    return core::fail(fault_ == Fault::full ? core::Errc::full : core::Errc::io,
                      std::string("injected: ") + what + ": " + path);
  }
  // A process that is killed while it writes leaves half a file behind.
  core::Result<> strike_creating(const std::string& path) {
    auto struck = strike("create", path);
    if (!struck && fault_ == Fault::crash && count_ == fails_at_ + 1) {
      TRY(real_.create(path, R"({"v":1,"id":"half a fi)"));
    }
    return struck;
  }

  core::sys::Files& real_;
  std::uint64_t count_ = 0;
  std::uint64_t fails_at_ = std::numeric_limits<std::uint64_t>::max();
  Fault fault_ = Fault::error;
};

}  // namespace fakes
