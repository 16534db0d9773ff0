// SPDX-License-Identifier: MIT
#include "libcore/sys/files.hpp"

#include <algorithm>
#include <cerrno>
#include <memory>

#include <dirent.h>
#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <unistd.h>

#include <fmt/core.h>

#include "libcore/sys/paths.hpp"
#include "libcore/sys/wait.hpp"

namespace core::sys {
namespace {

constexpr mode_t k_file_mode = 0600;
constexpr mode_t k_directory_mode = 0700;

std::uint64_t nanoseconds(const timespec& time) {
  return static_cast<std::uint64_t>(time.tv_sec) * 1'000'000'000U +
         static_cast<std::uint64_t>(time.tv_nsec);
}

FileStatus status_of(const struct stat& status) {
  FileStatus result;
  result.kind = S_ISREG(status.st_mode)   ? FileKind::regular
                : S_ISDIR(status.st_mode) ? FileKind::directory
                                          : FileKind::other;
  result.size = static_cast<std::uint64_t>(status.st_size);
  result.inode = status.st_ino;
  result.mtime_ns = nanoseconds(status.st_mtim);
  result.ctime_ns = nanoseconds(status.st_ctim);
  result.modified = Time{std::chrono::duration_cast<Duration>(
      std::chrono::nanoseconds{static_cast<std::int64_t>(result.mtime_ns)})};
  result.links = status.st_nlink;
  result.mode = status.st_mode & 07777U;
  result.owner = status.st_uid;
  return result;
}

// Unlinks the file unless the writer got to its end.
class Unfinished {
 public:
  Unfinished(int directory, const std::string& path) : directory_(directory), path_(path) {}
  Unfinished(const Unfinished&) = delete;
  Unfinished& operator=(const Unfinished&) = delete;
  ~Unfinished() {
    if (!kept_) ::unlinkat(directory_, path_.c_str(), 0);
  }
  void keep() { kept_ = true; }

 private:
  int directory_;
  const std::string& path_;
  bool kept_ = false;
};

// Ends a torn last line, so that what is appended next is a line of its own.
Result<std::string> newline_if_torn(int fd, std::uint64_t size, const std::string& object) {
  if (size == 0) return std::string{};
  char last = '\n';
  if (::pread(fd, &last, 1, static_cast<off_t>(size - 1)) < 0)
    return io_error("read", object, errno);
  return std::string(last == '\n' ? "" : "\n");
}

// For the time of a write: a signal does not end the wait, which is short.
Result<> lock_briefly(int fd, const std::string& object) {
  while (::flock(fd, LOCK_EX) != 0) {
    if (errno != EINTR) return io_error("lock", object, errno);
  }
  return {};
}

Result<> write_at_front(int fd, std::string_view bytes, const std::string& object) {
  off_t at = 0;
  while (!bytes.empty()) {
    const ssize_t written = ::pwrite(fd, bytes.data(), bytes.size(), at);
    if (written < 0 && errno == EINTR) continue;
    if (written < 0) return io_error("write", object, errno);
    bytes.remove_prefix(static_cast<std::size_t>(written));
    at += written;
  }
  return {};
}

// One that cannot be made or opened. To the kernel a disk without inodes is as full as any other.
tl::unexpected<Error> no_file(const Fd& directory, std::string_view what, const std::string& object,
                              int error_number) {
  struct statvfs room{};
  const bool has_no_inodes = error_number == ENOSPC && ::fstatvfs(directory.get(), &room) == 0 &&
                             room.f_files > 0 && room.f_favail == 0;
  if (!has_no_inodes) return io_error(what, object, error_number);
  return fail(Errc::full, fmt::format("{}: {}: no inodes are left on the disk", what, object));
}

}  // namespace

Result<FileStatus> status_of(const Fd& fd, std::string_view object) {
  struct stat status{};
  if (::fstat(fd.get(), &status) != 0) return io_error("stat", object, errno);
  return status_of(status);
}

Result<RealFiles> RealFiles::at(const std::string& directory) {
  Fd fd(::open(directory.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  if (!fd.is_open() && errno == ENOENT) {
    return fail(Errc::not_found, fmt::format("open: {}: no such directory", directory));
  }
  if (!fd.is_open()) return io_error("open", directory, errno);
  return RealFiles(directory, std::move(fd));
}

Result<> RealFiles::check_private() const {
  struct stat status{};
  if (::fstat(directory_.get(), &status) != 0) return io_error("stat", root_, errno);
  if (status.st_uid != ::geteuid()) {
    return fail(Errc::denied, fmt::format("{}: it belongs to user {}, not to you ({})", root_,
                                          status.st_uid, ::geteuid()));
  }
  if ((status.st_mode & (S_IWGRP | S_IWOTH)) != 0) {
    return fail(Errc::denied, fmt::format("{}: others may write to it (mode {:04o}): chmod 700 it",
                                          root_, status.st_mode & 07777U));
  }
  return {};
}

Result<std::optional<FileStatus>> RealFiles::status(const std::string& path) const {
  struct stat status{};
  if (::fstatat(directory_.get(), path.c_str(), &status, AT_SYMLINK_NOFOLLOW) == 0) {
    return status_of(status);
  }
  if (errno == ENOENT || errno == ENOTDIR) return std::nullopt;
  return io_error("stat", full(path), errno);
}

Result<> RealFiles::list(const std::string& directory,
                         const std::function<void(const DirectoryEntry&)>& visit) const {
  const int fd = ::openat(directory_.get(), directory.c_str(),
                          O_RDONLY | O_DIRECTORY | O_CLOEXEC | O_NOFOLLOW);
  if (fd < 0 && errno == ENOENT) return {};
  if (fd < 0) return io_error("open", full(directory), errno);
  const std::unique_ptr<DIR, decltype([](DIR* open) { ::closedir(open); })> stream(::fdopendir(fd));
  if (!stream) {
    const int error_number = errno;
    ::close(fd);
    return io_error("open", full(directory), error_number);
  }
  while (true) {
    errno = 0;
    const dirent* entry = ::readdir(stream.get());  // NOLINT(concurrency-mt-unsafe): own stream
    if (entry == nullptr) break;
    const std::string_view name = static_cast<const char*>(entry->d_name);
    if (name != "." && name != "..") visit({.name = name, .inode = entry->d_ino});
  }
  if (errno != 0) return io_error("readdir", full(directory), errno);
  return {};
}

Result<Fd> RealFiles::open(const std::string& path) const {
  // O_NONBLOCK: a FIFO that somebody put here must not hang us. No effect on regular files.
  Fd fd(::openat(directory_.get(), path.c_str(), O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK));
  if (!fd.is_open() && errno != ENOENT && errno != ENOTDIR) {
    return io_error("open", full(path), errno);
  }
  return fd;
}

Result<bool> RealFiles::is_being_written(const std::string& path) const {
  TRY_ASSIGN(const Fd fd, open(path));
  if (!fd.is_open()) return false;
  if (::flock(fd.get(), LOCK_SH | LOCK_NB) == 0) return false;
  if (errno == EWOULDBLOCK) return true;
  return io_error("lock", full(path), errno);
}

Result<Space> RealFiles::space() const {
  struct statvfs room{};
  if (::fstatvfs(directory_.get(), &room) != 0) return io_error("statvfs", root_, errno);
  return Space{.free_bytes = {room.f_bavail * room.f_frsize}, .free_inodes = room.f_favail};
}

Result<> RealFiles::make_directory(const std::string& path) {
  if (::mkdirat(directory_.get(), path.c_str(), k_directory_mode) != 0 && errno != EEXIST) {
    return io_error("mkdir", full(path), errno);
  }
  return {};
}

Result<Fd> RealFiles::create(const std::string& path, std::string_view bytes) {
  return create_from(path, [rest = bytes]() mutable -> Result<std::string_view> {
    return std::exchange(rest, {});
  });
}

Result<Fd> RealFiles::create_from(const std::string& path,
                                  const std::function<Result<std::string_view>()>& next) {
  Fd fd(::openat(directory_.get(), path.c_str(),
                 O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, k_file_mode));
  if (!fd.is_open()) return no_file(directory_, "create", full(path), errno);
  Unfinished unfinished(directory_.get(), path);
  // The lock says "a living process writes this"; the kernel drops it when the process dies.
  if (::flock(fd.get(), LOCK_EX | LOCK_NB) != 0) return io_error("lock", full(path), errno);
  while (true) {
    TRY_ASSIGN(const std::string_view piece, next());
    if (piece.empty()) break;
    TRY(write_all(fd.get(), piece, full(path)));
  }
  if (::fsync(fd.get()) != 0) return io_error("fsync", full(path), errno);
  unfinished.keep();
  return fd;
}

Result<> RealFiles::append(const std::string& path, std::string_view lines, Sync sync) {
  Fd fd(::openat(directory_.get(), path.c_str(),
                 O_RDWR | O_CREAT | O_APPEND | O_CLOEXEC | O_NOFOLLOW, k_file_mode));
  if (!fd.is_open()) return no_file(directory_, "open", full(path), errno);
  // Locked, so that taking back a partial write cannot take back somebody else's line.
  TRY(lock_briefly(fd.get(), full(path)));
  struct stat status{};
  if (::fstat(fd.get(), &status) != 0) return io_error("stat", full(path), errno);
  TRY_ASSIGN(std::string text, newline_if_torn(fd.get(), status_of(status).size, full(path)));
  text += lines;
  if (auto written = write_all(fd.get(), text, full(path)); !written) {
    if (::ftruncate(fd.get(), status.st_size) != 0) return io_error("truncate", full(path), errno);
    return written;
  }
  if (sync == Sync::yes && ::fdatasync(fd.get()) != 0) {
    return io_error("fdatasync", full(path), errno);
  }
  return fd.close();
}

Result<bool> RealFiles::rename(const std::string& from, const std::string& to, Replace replace) {
  const unsigned flags = replace == Replace::no ? RENAME_NOREPLACE : 0;
  const int directory = directory_.get();
  if (::renameat2(directory, from.c_str(), directory, to.c_str(), flags) == 0) return true;
  if (errno == ENOENT) return false;
  if (errno == EINVAL && replace == Replace::no) {
    // A filesystem without RENAME_NOREPLACE (NFS, some FUSE): link refuses to replace as well.
    if (::linkat(directory, from.c_str(), directory, to.c_str(), 0) == 0) {
      if (::unlinkat(directory, from.c_str(), 0) == 0) return true;
    }
    if (errno == ENOENT) return false;
  }
  return io_error("rename", fmt::format("{} to {}", full(from), to), errno);
}

Result<bool> RealFiles::remove(const std::string& path) {
  if (::unlinkat(directory_.get(), path.c_str(), 0) == 0) return true;
  if (errno == ENOENT) return false;
  return io_error("remove", full(path), errno);
}

Result<> RealFiles::sync_directory(const std::string& directory) {
  const Fd fd(::openat(directory_.get(), directory.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  if (!fd.is_open()) return io_error("open", full(directory), errno);
  // EINVAL: some FUSE filesystems cannot sync a directory; there is nothing more to be had.
  if (::fsync(fd.get()) != 0 && errno != EINVAL) return io_error("fsync", full(directory), errno);
  return {};
}

Result<> RealFiles::update(const std::string& path,
                           const std::function<Result<std::string>(const std::string&)>& change) {
  const Fd fd(::openat(directory_.get(), path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW,
                       k_file_mode));
  if (!fd.is_open()) return io_error("open", full(path), errno);
  TRY(lock_briefly(fd.get(), full(path)));
  TRY_ASSIGN(const std::string before, read_up_to(fd.get(), k_update_limit.value, full(path)));
  TRY_ASSIGN(const std::string after, change(before));
  if (after == before) return {};
  if (after.size() > k_update_limit.value) {
    return fail(Errc::io,
                fmt::format("update: {}: larger than {}", full(path), format_size(k_update_limit)));
  }
  TRY(write_at_front(fd.get(), after, full(path)));
  if (after.size() < before.size() &&
      ::ftruncate(fd.get(), static_cast<off_t>(after.size())) != 0) {
    return io_error("truncate", full(path), errno);
  }
  return {};
}

Result<Fd> RealFiles::lock(const std::string& path, Wait wait) {
  Fd fd(::openat(directory_.get(), path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW,
                 k_file_mode));
  if (!fd.is_open()) return no_file(directory_, "open", full(path), errno);
  // Tried again and again: flock(2) would not see a signal that comes just before it blocks.
  // Pauses grow slowly, since most locks are held for a few milliseconds.
  constexpr Duration k_longest_pause = std::chrono::milliseconds{50};
  Duration next_pause = std::chrono::milliseconds{1};
  while (::flock(fd.get(), LOCK_EX | LOCK_NB) != 0) {
    if (errno != EWOULDBLOCK) return io_error("lock", full(path), errno);
    if (wait == Wait::no) return Fd{};
    TRY(wait_for(-1, 0, next_pause));
    next_pause = std::min(next_pause * 9 / 8, k_longest_pause);
  }
  return fd;
}

Result<> RealFiles::set_modified(const std::string& path, Time time) {
  const auto since = time.time_since_epoch();
  const auto seconds = std::chrono::floor<std::chrono::seconds>(since);
  const timespec stamp{.tv_sec = seconds.count(),
                       .tv_nsec = std::chrono::nanoseconds{since - seconds}.count()};
  const timespec times[] = {stamp, stamp};
  if (::utimensat(directory_.get(), path.c_str(), times, AT_SYMLINK_NOFOLLOW) != 0) {
    return io_error("utimens", full(path), errno);
  }
  return {};
}

Result<> RealFiles::allocate(const std::string& path, ByteCount size) {
  const Fd fd(::openat(directory_.get(), path.c_str(), O_WRONLY | O_CREAT | O_CLOEXEC | O_NOFOLLOW,
                       k_file_mode));
  if (!fd.is_open()) return io_error("open", full(path), errno);
  const auto length = static_cast<off_t>(size.value);
  if (::ftruncate(fd.get(), length) != 0) return io_error("truncate", full(path), errno);
  if (length == 0) return {};
  if (const int error_number = ::posix_fallocate(fd.get(), 0, length); error_number != 0) {
    return io_error("fallocate", full(path), error_number);
  }
  return {};
}

Result<Fd> open_input(const std::string& path) {
  Fd fd(::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK));
  if (!fd.is_open() && errno != ENOENT && errno != ENOTDIR) return io_error("open", path, errno);
  return fd;
}

Result<std::string> find_parent_to_make(const std::string& directory) {
  std::string parent = parent_path(directory);
  while (parent != "/" && parent != "." && ::access(parent.c_str(), F_OK) != 0)
    parent = parent_path(parent);
  if (::access(parent.c_str(), W_OK | X_OK) == 0) return parent;
  return fail(Errc::denied,
              fmt::format("{}: not there yet; {} may not be written", directory, parent));
}

Result<> make_private(const std::string& path) {
  if (::chmod(path.c_str(), k_file_mode) != 0) return io_error("chmod", path, errno);
  return {};
}

Result<> put_in_place(Files& files, const std::string& temporary, const std::string& path) {
  auto moved = files.rename(temporary, path, Replace::yes);
  if (moved && *moved) return {};
  if (moved) return fail(Errc::io, "rename: " + temporary + ": it has vanished");
  [[maybe_unused]] const auto removed = files.remove(temporary);
  return tl::unexpected<Error>(std::move(moved).error());
}

Result<std::optional<std::string>> read_file(const Files& files, const std::string& path,
                                             ByteCount limit) {
  TRY_ASSIGN(const Fd fd, files.open(path));
  if (!fd.is_open()) return std::nullopt;
  const std::string object = files.root() + "/" + path;
  TRY_ASSIGN(std::string bytes, read_up_to(fd.get(), limit.value + 1, object));
  if (bytes.size() > limit.value) {
    return fail(Errc::corrupt, fmt::format("read: {}: larger than {}", object, format_size(limit)));
  }
  return bytes;
}

}  // namespace core::sys
