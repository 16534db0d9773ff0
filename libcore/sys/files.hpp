// SPDX-License-Identifier: MIT
#pragma once

// Files: every effect on the tree below one directory, and how it is read. Paths are relative to
// that directory. Code that keeps state on disk takes a Files&, so that tests can fail or "crash"
// at the n-th effect (tests/fakes/faulty_files.hpp). The errors of all members: denied (EACCES,
// EPERM, EROFS), full (ENOSPC, EDQUOT), io (the rest). A missing file is nullopt or false.

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>

#include "libcore/base/result.hpp"
#include "libcore/base/time.hpp"
#include "libcore/base/units.hpp"
#include "libcore/sys/fd.hpp"

namespace core::sys {

enum class FileKind { regular, directory, other };

struct FileStatus {
  FileKind kind = FileKind::other;
  std::uint64_t size = 0;
  std::uint64_t inode = 0;
  Time modified;               // to the microsecond
  std::uint64_t mtime_ns = 0;  // the same, exact: a change stamp
  std::uint64_t ctime_ns = 0;
  std::uint64_t links = 1;
  std::uint32_t mode = 0;  // permission bits
  std::uint32_t owner = 0;
};

struct DirectoryEntry {
  std::string_view name;  // valid during the call only
  std::uint64_t inode = 0;
};

// How much room the filesystem has for an ordinary user.
struct Space {
  ByteCount free_bytes;
  std::uint64_t free_inodes = 0;
};

enum class Replace { no, yes };
enum class Sync { no, yes };
enum class Wait { no, yes };

class Files {
 public:
  static constexpr ByteCount k_update_limit{4096};

  Files() = default;
  Files(const Files&) = delete;
  Files& operator=(const Files&) = delete;
  virtual ~Files() = default;

  // Where the tree is, for messages.
  [[nodiscard]] virtual const std::string& root() const = 0;

  // --- reading ---

  [[nodiscard]] virtual Result<std::optional<FileStatus>> status(const std::string& path) const = 0;
  // Every entry but "." and "..", in no order. nullopt-like: a missing directory calls nothing.
  [[nodiscard]] virtual Result<> list(
      const std::string& directory,
      const std::function<void(const DirectoryEntry&)>& visit) const = 0;
  // Read-only; never follows a symbolic link. Not open when the file is missing.
  [[nodiscard]] virtual Result<Fd> open(const std::string& path) const = 0;
  // Whether a living process holds the lock that create() takes while it writes, or that of lock().
  [[nodiscard]] virtual Result<bool> is_being_written(const std::string& path) const = 0;
  [[nodiscard]] virtual Result<Space> space() const = 0;

  // --- effects ---

  // Mode 0700. An existing directory is fine.
  virtual Result<> make_directory(const std::string& path) = 0;
  // A new file, mode 0600, with these bytes, durable (fsync) when this returns; its directory entry
  // is durable only after sync_directory. The file is locked (flock) from the moment after its
  // creation until the Fd that this returns is closed, so that nobody takes it for a dead writer's
  // before it has its final name. After any error the file is gone: an fsync that failed once must
  // never be trusted a second time.
  virtual Result<Fd> create(const std::string& path, std::string_view bytes) = 0;
  // The same from a stream: `next` gives pieces until it gives an empty one.
  virtual Result<Fd> create_from(const std::string& path,
                                 const std::function<Result<std::string_view>()>& next) = 0;
  // Appends whole lines, creating the file if need be; two calls do not mix theirs. A torn last
  // line that a crash left behind is ended first. When writing fails, what was written is cut off
  // again; when syncing fails, the lines are there, and may not be durable.
  virtual Result<> append(const std::string& path, std::string_view lines, Sync sync) = 0;
  // Replace::no: fails with io "file exists" when `to` is there. False when `from` is missing,
  // or the folder of `to`.
  virtual Result<bool> rename(const std::string& from, const std::string& to, Replace replace) = 0;
  // False when it was missing.
  virtual Result<bool> remove(const std::string& path) = 0;
  // The entries of `directory` are durable when this returns.
  virtual Result<> sync_directory(const std::string& directory) = 0;
  // Reads, changes and rewrites a file of at most k_update_limit, in one step among those who use
  // update(); others may see it half written. Not durable: for counters that can be computed
  // again. `change` gets "" for a missing file, and the beginning of one that is too long.
  virtual Result<> update(const std::string& path,
                          const std::function<Result<std::string>(const std::string&)>& change) = 0;
  // An exclusive lock (flock) on `path`, which is created if need be; held until the Fd is closed.
  // With Wait::no, an Fd that is not open says that somebody else holds it. A signal that was
  // noted (sys/signal.hpp) ends the waiting: interrupted, terminated.
  virtual Result<Fd> lock(const std::string& path, Wait wait) = 0;
  // Not durable.
  virtual Result<> set_modified(const std::string& path, Time time) = 0;
  // Makes `path` a file of exactly this size whose blocks are allocated (or fewer: frees them).
  virtual Result<> allocate(const std::string& path, ByteCount size) = 0;
};

// Of a file that is open; `object` names it in messages. Errors: io.
Result<FileStatus> status_of(const Fd& fd, std::string_view object);

// The whole file; nullopt when missing. Errors: as above, and corrupt when larger than `limit`.
Result<std::optional<std::string>> read_file(const Files& files, const std::string& path,
                                             ByteCount limit);

// Renames a file that is complete to its place, replacing what is there. When that fails the file
// is removed and nothing has changed. Errors: as above; nothing is durable yet.
Result<> put_in_place(Files& files, const std::string& temporary, const std::string& path);

// For what a user names, anywhere. Read-only; follows symbolic links, since people link their
// files; a FIFO does not wait for a writer. Not open when the file is missing.
Result<Fd> open_input(const std::string& path);
// Where a directory that is not there could be made, with its parents: the nearest one that exists.
// Nothing is made. Errors: denied.
Result<std::string> find_parent_to_make(const std::string& directory);
// Mode 0600.
Result<> make_private(const std::string& path);

// The real thing, below a directory that exists.
class RealFiles final : public Files {
 public:
  // Errors: not_found, denied, io.
  static Result<RealFiles> at(const std::string& directory);

  RealFiles(RealFiles&& other) noexcept
      : root_(std::move(other.root_)), directory_(std::move(other.directory_)) {}
  RealFiles& operator=(RealFiles&& other) noexcept {
    root_ = std::move(other.root_);
    directory_ = std::move(other.directory_);
    return *this;
  }
  RealFiles(const RealFiles&) = delete;
  RealFiles& operator=(const RealFiles&) = delete;
  ~RealFiles() override = default;

  // What is kept here is nobody else's business. Errors: denied when the directory belongs to
  // another user or others may write to it; io.
  [[nodiscard]] Result<> check_private() const;
  [[nodiscard]] const std::string& root() const override { return root_; }
  [[nodiscard]] Result<std::optional<FileStatus>> status(const std::string& path) const override;
  [[nodiscard]] Result<> list(
      const std::string& directory,
      const std::function<void(const DirectoryEntry&)>& visit) const override;
  [[nodiscard]] Result<Fd> open(const std::string& path) const override;
  [[nodiscard]] Result<bool> is_being_written(const std::string& path) const override;
  [[nodiscard]] Result<Space> space() const override;
  Result<> make_directory(const std::string& path) override;
  Result<Fd> create(const std::string& path, std::string_view bytes) override;
  Result<Fd> create_from(const std::string& path,
                         const std::function<Result<std::string_view>()>& next) override;
  Result<> append(const std::string& path, std::string_view lines, Sync sync) override;
  Result<bool> rename(const std::string& from, const std::string& to, Replace replace) override;
  Result<bool> remove(const std::string& path) override;
  Result<> sync_directory(const std::string& directory) override;
  Result<> update(const std::string& path,
                  const std::function<Result<std::string>(const std::string&)>& change) override;
  Result<Fd> lock(const std::string& path, Wait wait) override;
  Result<> set_modified(const std::string& path, Time time) override;
  Result<> allocate(const std::string& path, ByteCount size) override;

 private:
  RealFiles(std::string root, Fd directory)
      : root_(std::move(root)), directory_(std::move(directory)) {}
  [[nodiscard]] std::string full(const std::string& path) const { return root_ + "/" + path; }

  std::string root_;
  Fd directory_;
};

}  // namespace core::sys
