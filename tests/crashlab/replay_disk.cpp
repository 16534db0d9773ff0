// SPDX-License-Identifier: MIT
//
// usage: replay_disk record BASE LOG MOUNTPOINT
//        replay_disk crash BASE LOG MOUNTPOINT SEED
//
// A disk that is a file, served by FUSE: MOUNTPOINT/disk, for a loop device. It begins as the image
// BASE, which is never written to. The first line of output is "serving MOUNTPOINT"; it ends when
// MOUNTPOINT is unmounted.
//
// record: writes, discards and flushes go to LOG, and so does whatever a program writes to any
// other file of MOUNTPOINT, which it may create: as a mark with the file's name for a label. All
// of it in the order of arrival, one at a time.
//
// crash: LOG is read. When the number N is written to MOUNTPOINT/state, the disk takes on crash
// state N of SEED: what is written to it later is forgotten with the next N. MOUNTPOINT/state then
// says what it is, and MOUNTPOINT/marks has the lines that had been said, "LABEL<tab>LINE".

#define FUSE_USE_VERSION 35

#include <algorithm>
#include <cerrno>
#include <cstdint>
#include <cstdio>
#include <memory>
#include <set>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <fcntl.h>
#include <sys/mman.h>
#include <sys/stat.h>

#include <fmt/core.h>
#include <fuse.h>
#include <linux/falloc.h>

#include "libcore/base/result.hpp"
#include "libcore/base/text.hpp"
#include "libcore/sys/fd.hpp"
#include "tests/crashlab/replay_log.hpp"
#include "tests/crashlab/replay_states.hpp"

namespace {

using core::Errc;
using core::fail;
using core::Result;
using replay::Record;

// The bytes of the disk: the image, and what was written over it, which stays in memory.
class Bytes {
 public:
  static Result<Bytes> over(const std::string& image) {
    const core::sys::Fd fd(::open(image.c_str(), O_RDONLY | O_CLOEXEC));
    struct stat status{};
    if (!fd.is_open() || ::fstat(fd.get(), &status) != 0) {
      return core::sys::io_error("open", image, errno);
    }
    const auto size = static_cast<std::size_t>(status.st_size);
    void* at = ::mmap(nullptr, size, PROT_READ | PROT_WRITE, MAP_PRIVATE, fd.get(), 0);
    if (at == MAP_FAILED) return core::sys::io_error("mmap", image, errno);
    return Bytes(static_cast<char*>(at), size);
  }
  Bytes(Bytes&& other) noexcept
      : at_(std::exchange(other.at_, nullptr)), size_(std::exchange(other.size_, 0)) {}
  Bytes& operator=(Bytes&&) = delete;
  Bytes(const Bytes&) = delete;
  Bytes& operator=(const Bytes&) = delete;
  ~Bytes() {
    if (at_ != nullptr) ::munmap(at_, size_);
  }

  [[nodiscard]] std::size_t size() const { return size_; }
  // At most `length` bytes: fewer at the end.
  [[nodiscard]] std::span<char> part(std::uint64_t offset, std::uint64_t length) {
    if (offset >= size_) return {};
    return {at_ + offset, std::min<std::uint64_t>(length, size_ - offset)};
  }
  void write(std::uint64_t offset, std::string_view bytes) {
    const auto target = part(offset, bytes.size());
    std::copy_n(bytes.begin(), target.size(), target.begin());
  }
  void zero(std::uint64_t offset, std::uint64_t length) {
    std::ranges::fill(part(offset, length), '\0');
  }
  // Back to the image.
  void forget() { ::madvise(at_, size_, MADV_DONTNEED); }

 private:
  Bytes(char* at, std::size_t size) : at_(at), size_(size) {}
  char* at_;
  std::size_t size_;
};

// The disk, and the files beside it. Paths begin with a slash.
class Volume {
 public:
  explicit Volume(Bytes image) : bytes(std::move(image)) {}
  Volume(const Volume&) = delete;
  Volume& operator=(const Volume&) = delete;
  virtual ~Volume() = default;

  virtual Result<> note(const Record& change) = 0;  // the disk has changed, or was told to flush
  [[nodiscard]] virtual bool has(const std::string& path) const = 0;
  virtual bool add(const std::string& path) = 0;
  [[nodiscard]] virtual std::string_view text(const std::string& path) const = 0;
  virtual Result<> put(const std::string& path, std::string_view text) = 0;

  Bytes bytes;
};

class Recorder final : public Volume {
 public:
  Recorder(Bytes image, replay::LogWriter log) : Volume(std::move(image)), log_(std::move(log)) {}

  Result<> note(const Record& change) override { return log_.append(change); }
  [[nodiscard]] bool has(const std::string& path) const override { return streams_.contains(path); }
  bool add(const std::string& path) override {
    streams_.insert(path);
    return true;
  }
  [[nodiscard]] std::string_view text(const std::string&) const override { return {}; }
  Result<> put(const std::string& path, std::string_view text) override {
    return log_.append(
        {.kind = Record::Kind::mark, .bytes = std::string(text), .label = path.substr(1)});
  }

 private:
  replay::LogWriter log_;
  std::set<std::string> streams_;
};

class Crashed final : public Volume {
 public:
  Crashed(Bytes image, std::vector<Record> records, std::uint64_t seed)
      : Volume(std::move(image)), records_(std::move(records)), seed_(seed) {}

  Result<> note(const Record&) override { return {}; }
  [[nodiscard]] bool has(const std::string& path) const override {
    return path == k_state || path == k_marks;
  }
  bool add(const std::string&) override { return false; }
  [[nodiscard]] std::string_view text(const std::string& path) const override {
    return path == k_state ? state_ : marks_;
  }
  Result<> put(const std::string& path, std::string_view text) override {
    const auto number = core::parse_unsigned(core::trim(text));
    if (path != k_state || !number) return fail(Errc::usage, "not a number");
    const auto state = replay::crash_state(records_, seed_, *number);
    bytes.forget();
    replay::apply(
        records_, state,
        [&](std::uint64_t offset, std::string_view part) { bytes.write(offset, part); },
        [&](std::uint64_t offset, std::uint64_t length) { bytes.zero(offset, length); });
    state_ = state.text() + "\n";
    marks_.clear();
    for (const auto& [label, line] : replay::said_in(std::span(records_).first(state.point)))
      marks_ += fmt::format("{}\t{}\n", label, line);
    return {};
  }

 private:
  static constexpr const char* k_state = "/state";
  static constexpr const char* k_marks = "/marks";
  std::vector<Record> records_;
  std::uint64_t seed_;
  std::string state_;
  std::string marks_;
};

// --- what the kernel asks ---

constexpr std::string_view k_disk = "/disk";

Volume& volume() {
  return *static_cast<Volume*>(fuse_get_context()->private_data);
}

int error_of(const Result<>& done) {
  return done ? 0 : -EIO;
}

void* begin(fuse_conn_info*, fuse_config* config) {
  config->direct_io = 1;  // nothing may linger between the loop device and the log
  return &volume();
}

int get_attributes(const char* path, struct stat* status, fuse_file_info*) {
  *status = {};
  status->st_nlink = 1;
  status->st_mode = S_IFREG | 0600U;
  if (std::string_view(path) == "/") {
    status->st_mode = S_IFDIR | 0700U;
  } else if (path == k_disk) {
    status->st_size = static_cast<off_t>(volume().bytes.size());
  } else if (!volume().has(path)) {
    return -ENOENT;
  }
  return 0;
}

int create(const char* path, mode_t, fuse_file_info*) {
  return volume().add(path) ? 0 : -EPERM;
}

int open(const char*, fuse_file_info*) {
  return 0;
}

// The shell truncates what it redirects to.
int truncate(const char* path, off_t, fuse_file_info*) {
  return path == k_disk ? -EPERM : 0;
}

int read(const char* path, char* buffer, std::size_t size, off_t offset, fuse_file_info*) {
  const auto at = static_cast<std::uint64_t>(offset);
  if (path == k_disk) {
    const auto part = volume().bytes.part(at, size);
    std::ranges::copy(part, buffer);
    return static_cast<int>(part.size());
  }
  const auto text = volume().text(path);
  const auto part = text.substr(std::min<std::size_t>(at, text.size()), size);
  std::ranges::copy(part, buffer);
  return static_cast<int>(part.size());
}

int write(const char* path, const char* buffer, std::size_t size, off_t offset, fuse_file_info*) {
  const std::string_view bytes(buffer, size);
  if (path != k_disk) {
    const auto done = volume().put(path, bytes);
    return done ? static_cast<int>(size) : error_of(done);
  }
  const auto at = static_cast<std::uint64_t>(offset);
  volume().bytes.write(at, bytes);
  const auto noted = volume().note(
      {.kind = Record::Kind::write, .offset = at, .length = size, .bytes = std::string(bytes)});
  return noted ? static_cast<int>(size) : error_of(noted);
}

int synchronise(const char* path, int, fuse_file_info*) {
  if (path != k_disk) return 0;
  return error_of(volume().note({.kind = Record::Kind::flush}));
}

// Discards and "write zeros" of the loop device.
int allocate(const char* path, int mode, off_t offset, off_t length, fuse_file_info*) {
  const bool zeroes = (mode & (FALLOC_FL_PUNCH_HOLE | FALLOC_FL_ZERO_RANGE)) != 0;
  if (path != k_disk || !zeroes || (mode & FALLOC_FL_KEEP_SIZE) == 0) return -EOPNOTSUPP;
  const Record record{.kind = Record::Kind::zero,
                      .offset = static_cast<std::uint64_t>(offset),
                      .length = static_cast<std::uint64_t>(length)};
  volume().bytes.zero(record.offset, record.length);
  return error_of(volume().note(record));
}

Result<> serve(Volume& volume, const std::string& mountpoint) {
  fuse_operations operations{};
  operations.init = begin;
  operations.getattr = get_attributes;
  operations.create = create;
  operations.open = open;
  operations.truncate = truncate;
  operations.read = read;
  operations.write = write;
  operations.fsync = synchronise;
  operations.fallocate = allocate;
  std::string name = "replay_disk";
  char* argument = name.data();
  fuse_args arguments = FUSE_ARGS_INIT(1, &argument);
  using Fuse = std::unique_ptr<fuse, decltype([](fuse* made) { fuse_destroy(made); })>;
  const Fuse made(fuse_new(&arguments, &operations, sizeof operations, &volume));
  if (!made || fuse_mount(made.get(), mountpoint.c_str()) != 0) {
    return fail(Errc::io, "fuse: " + mountpoint + ": cannot be mounted");
  }
  fuse_set_signal_handlers(fuse_get_session(made.get()));
  fmt::print("serving {}\n", mountpoint);
  std::fflush(stdout);
  const int ended = fuse_loop(made.get());
  fuse_unmount(made.get());
  if (ended < 0) return core::sys::io_error("fuse", mountpoint, -ended);
  return {};
}

Result<std::unique_ptr<Volume>> volume_of(const std::vector<std::string>& words) {
  TRY_ASSIGN(auto bytes, Bytes::over(words[1]));
  if (words[0] == "record") {
    TRY_ASSIGN(auto log, replay::LogWriter::create(words[2]));
    return std::make_unique<Recorder>(std::move(bytes), std::move(log));
  }
  const auto seed = core::parse_unsigned(words.back());
  if (!seed) return fail(Errc::usage, "seed: not a number");
  TRY_ASSIGN(auto records, replay::load_log(words[2]));
  return std::make_unique<Crashed>(std::move(bytes), std::move(records), *seed);
}

Result<> run(const std::vector<std::string>& words) {
  TRY_ASSIGN(const auto made, volume_of(words));
  return serve(*made, words[3]);
}

}  // namespace

int main(int argc, char** argv) {
  const std::vector<std::string> words(argv + 1, argv + argc);
  const bool is_record = words.size() == 4 && words[0] == "record";
  const bool is_crash = words.size() == 5 && words[0] == "crash";
  if (!is_record && !is_crash) {
    fmt::print(stderr,
               "usage: replay_disk record BASE LOG MOUNTPOINT\n"
               "       replay_disk crash BASE LOG MOUNTPOINT SEED\n");
    return 2;
  }
  if (const auto done = run(words); !done) {
    fmt::print(stderr, "replay_disk: {}\n", done.error().message);
    return 1;
  }
  return 0;
}
