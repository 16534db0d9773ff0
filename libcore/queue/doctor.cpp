// SPDX-License-Identifier: MIT
#include "libcore/queue/doctor.hpp"

#include <algorithm>
#include <cstdint>
#include <string_view>
#include <utility>

#include <fmt/core.h>

#include "libcore/base/text.hpp"
#include "libcore/base/units.hpp"
#include "libcore/codec/json_flat.hpp"
#include "libcore/db/sqlite.hpp"
#include "libcore/queue/layout.hpp"

namespace core::queue {
namespace {

constexpr int k_rounds = 32;
// No disk is that fast: such a sync went to a cache, or nowhere.
constexpr Duration k_too_fast{std::chrono::microseconds{10}};
constexpr Duration k_slow{std::chrono::milliseconds{50}};
constexpr std::uint64_t k_scarce_bytes = 8UL << 20U;  // below it there is no reserve
constexpr std::uint64_t k_no_bytes = 64UL << 10U;
constexpr std::uint64_t k_scarce_inodes = 1000;
constexpr std::uint64_t k_no_inodes = 4;
constexpr std::uint64_t k_few_watches = 16;

std::string text_of(Duration duration) {
  const auto us = static_cast<double>(duration.count());
  return us < 1000 ? fmt::format("{} us", duration.count()) : fmt::format("{:.1f} ms", us / 1000);
}

Duration median(std::vector<Duration>& times) {
  std::ranges::sort(times);
  return times.empty() ? Duration{} : times[times.size() / 2];
}

class Doctor {
 public:
  Doctor(Diagnosis& diagnosis, const Examination& with) : diagnosis_(diagnosis), with_(with) {}

  void look_at_place() {
    mounts_ = sys::parse_mounts(with_.machine.read("/proc/self/mountinfo").value_or(""));
    diagnosis_.promise = promise_of(mounts_, diagnosis_.directory);
    mount_ = sys::mount_of(mounts_, diagnosis_.directory);
    const auto& promise = diagnosis_.promise;
    if (mount_ != nullptr && mount_->option("ro")) {
      fail("filesystem", promise.filesystem + " is mounted read-only", "mount it with rw",
           Errc::denied);
    } else if (promise.survives == Survives::power_loss) {
      ok("filesystem", promise.why);
    } else {
      warn("filesystem", promise.why, promise.hint);
    }
    if (is_virtual()) {
      diagnosis_.promise.reserve =
          ", unless the host of this virtual disk keeps a write in its cache";
    }
    look_at_cache();
  }

  void look_at_queue(sys::Files& files) {
    look_at_format(files);
    look_at_space(files);
    look_at_reserve(files);
    if (!is_writable(files)) return;
    measure(files);
    try_names_and_locks(files);
    look_at_leftovers(files);
    look_at_databases(files);
    look_at_lock(files);
  }

  void look_at_machine() {
    const auto watches = number("/proc/sys/fs/inotify/max_user_watches");
    const auto instances = number("/proc/sys/fs/inotify/max_user_instances");
    if (watches && instances && (*watches < k_few_watches || *instances < 2)) {
      warn("inotify",
           fmt::format("{} watches and {} instances for each user", *watches, *instances),
           "raise fs.inotify.max_user_watches: without, `offq sync --watch` looks now and then");
    } else if (watches) {
      ok("inotify", fmt::format("{} watches for each user", *watches));
    }
    const bool has_rtc = with_.machine.read("/sys/class/rtc/rtc0/name").has_value();
    const std::string rtc = has_rtc ? "" : ", and the machine has no clock that runs without power";
    if (with_.clock.is_synchronised()) {
      ok("clock", "synchronised" + rtc);
    } else {
      ok("clock",
         "not synchronised" + rtc + ": deadlines count on the time since boot until it is");
    }
  }

 private:
  void add(Level level, std::string name, std::string text, std::string hint, Errc cause) {
    diagnosis_.checks.push_back({.name = std::move(name),
                                 .level = level,
                                 .text = std::move(text),
                                 .hint = std::move(hint),
                                 .cause = cause});
  }
  void ok(std::string name, std::string text) {
    add(Level::ok, std::move(name), std::move(text), {}, Errc::io);
  }
  void warn(std::string name, std::string text, std::string hint) {
    add(Level::warn, std::move(name), std::move(text), std::move(hint), Errc::io);
  }
  void fail(std::string name, std::string text, std::string hint, Errc cause) {
    add(Level::fail, std::move(name), std::move(text), std::move(hint), cause);
  }

  [[nodiscard]] std::optional<std::uint64_t> number(const std::string& path) const {
    const auto text = with_.machine.read(path);
    return text ? parse_unsigned(trim(*text)) : std::nullopt;
  }

  // Virtio, Xen, or a disk whose maker is a hypervisor; or a machine that is virtual altogether.
  [[nodiscard]] bool is_virtual() const {
    if (mount_ == nullptr || !mount_->source.starts_with("/dev/")) return false;
    for (const char* name : {"/dev/vd", "/dev/xvd"}) {
      if (mount_->source.starts_with(name)) return true;
    }
    const std::string device = "/sys/dev/block/" + mount_->device;
    for (const char* place : {"/device/vendor", "/../device/vendor"}) {
      const auto maker = with_.machine.read(device + place).value_or("");
      for (const char* name : {"QEMU", "Msft", "VMware", "VBOX"}) {
        if (trim(maker) == name) return true;
      }
    }
    const auto flags = with_.machine.read("/proc/cpuinfo").value_or("");
    return flags.find(" hypervisor") != std::string::npos;
  }

  // Whether the disk has a cache of its own, which the kernel flushes at each fsync. Whether it
  // does what it is told cannot be seen from here.
  void look_at_cache() {
    if (mount_ == nullptr || !mount_->source.starts_with("/dev/")) return;
    const std::string device = "/sys/dev/block/" + mount_->device;
    auto cache = with_.machine.read(device + "/queue/write_cache");
    if (!cache) cache = with_.machine.read(device + "/../queue/write_cache");  // a partition
    if (!cache) return;
    ok("disk",
       fmt::format(
           "{}: {}{}", mount_->source,
           trim(*cache) == "write back" ? "has a write cache, flushed by fsync" : "writes through",
           is_virtual() ? "; it is virtual: that its host keeps what it says cannot "
                          "be proved from here"
                        : ""));
  }

  void look_at_format(const sys::Files& files) {
    const auto text = sys::read_file(files, path::k_description, ByteCount{4096});
    if (!text) return fail("format", text.error().message, {}, text.error().code);
    if (!*text) return ok("format", "queue.json is missing: the next command makes it");
    auto members = codec::parse_flat_object(**text);
    const auto format = members ? parse_unsigned((*members)["format"]) : std::nullopt;
    if (!format) {
      fail("format", "queue.json is damaged", "remove it: the next command makes it anew",
           Errc::corrupt);
    } else if (*format > static_cast<std::uint64_t>(k_format)) {
      fail("format", fmt::format("{}, and this offkit understands up to {}", *format, k_format),
           "use a newer offkit", Errc::config);
    } else {
      ok("format", fmt::format("{}", *format));
    }
  }

  void look_at_space(const sys::Files& files) {
    const auto room = files.space();
    if (!room) return fail("space", room.error().message, {}, room.error().code);
    const auto usage = load_usage(files);
    const auto pending = usage && *usage ? (**usage).bytes : 0;
    const auto limit = with_.limits.max_size.value;
    const auto wanted = limit > pending ? limit - pending : 0;
    const std::string free =
        fmt::format("{} and {} inodes are free", format_size(room->free_bytes), room->free_inodes);
    // A filesystem that makes inodes as it needs them says 0.
    const bool counts_inodes = !(mount_ != nullptr && mount_->type == "btrfs");
    if (room->free_bytes.value < k_no_bytes || (counts_inodes && room->free_inodes < k_no_inodes)) {
      fail("space", free, "make room: nothing can be enqueued", Errc::full);
    } else if (room->free_bytes.value < k_scarce_bytes ||
               (counts_inodes && room->free_inodes < k_scarce_inodes)) {
      warn("space", free, "make room: the queue is about to refuse operations");
    } else if (room->free_bytes.value < wanted) {
      warn("space", free + ": the disk is full before the queue is",
           fmt::format("make room, or lower queue.max_size ({})",
                       format_size(with_.limits.max_size)));
    } else {
      ok("space", free);
    }
  }

  void look_at_reserve(const sys::Files& files) {
    const auto status = files.status(path::k_reserve);
    if (status && *status && (**status).size > 0) {
      ok("reserve", format_size({(**status).size}) + " are kept for when the disk is full");
    } else {
      warn("reserve", "none: on a full disk nothing could be moved or recorded",
           "make room: the next command but enqueue makes it");
    }
  }

  bool is_writable(sys::Files& files) {
    const auto made = files.create(probe("writable"), "");
    if (made) {
      ok("writing", "files can be made");
      return files.remove(probe("writable")).has_value();
    }
    fail("writing", made.error().message, {}, made.error().code);
    return false;
  }

  // In tmp/, where recovery removes what a killed doctor leaves.
  static std::string probe(std::string_view what) {
    return temporary_path(fmt::format("doctor-{}", what), ::getpid());
  }

  void measure(sys::Files& files) {
    std::vector<Duration> file_times;
    std::vector<Duration> name_times;
    const auto begin = with_.clock.since_boot();
    const std::string path = probe("sync");
    while (file_times.size() < k_rounds && with_.clock.since_boot() - begin < with_.longest) {
      const auto start = with_.clock.since_boot();
      const auto made = files.create(path, "offq doctor measures how long this takes\n");
      const auto written = with_.clock.since_boot();
      if (!made) return fail("fsync", made.error().message, {}, made.error().code);
      const auto synced = files.sync_directory(path::k_temporary);
      const auto end = with_.clock.since_boot();
      [[maybe_unused]] const auto removed = files.remove(path);
      if (!synced) return fail("fsync", synced.error().message, {}, synced.error().code);
      file_times.push_back(written - start);
      name_times.push_back(end - written);
    }
    SyncTimes times{.rounds = static_cast<int>(file_times.size())};
    times.file_median = median(file_times);
    times.name_median = median(name_times);
    times.file_worst = file_times.back();
    times.name_worst = name_times.back();
    diagnosis_.sync_times = times;
    judge(times);
  }

  void judge(const SyncTimes& times) {
    const auto enqueue = times.file_median + times.name_median;
    const std::string text = fmt::format(
        "an enqueue takes {}: a file {} (worst {}), its name {} (worst {}), in {} rounds",
        text_of(enqueue), text_of(times.file_median), text_of(times.file_worst),
        text_of(times.name_median), text_of(times.name_worst), times.rounds);
    const bool should_sync = diagnosis_.promise.survives == Survives::power_loss;
    if (should_sync && times.name_median < k_too_fast) {
      warn("fsync", text + ": faster than any disk",
           "a cache answers, or fsync is switched off below: that it keeps what it says cannot be "
           "proved from here");
    } else if (enqueue > k_slow) {
      ok("fsync", text + ": slow; `offq enqueue --ndjson` pays once for many");
    } else {
      ok("fsync", text);
    }
  }

  void try_names_and_locks(sys::Files& files) {
    const std::string a = probe("a");
    const std::string b = probe("b");
    const auto first = files.create(a, "a");
    const auto second = files.create(b, "b");
    const bool exclusive = !files.create(a, "c").has_value();
    const auto renamed = files.rename(b, a, sys::Replace::no);
    const auto kept = sys::read_file(files, a, ByteCount{1});
    const bool replaced = renamed.has_value() || !kept || !*kept || **kept != "a";
    const auto busy = files.is_being_written(a);
    const bool locks = busy && *busy;
    for (const auto& path : {a, b}) [[maybe_unused]]
      const auto removed = files.remove(path);
    if (!first || !second) return;  // told by what was tried before
    if (!exclusive || replaced) {
      fail("names", "a file can be replaced by one that must not", "use another filesystem",
           Errc::io);
    } else {
      ok("names", "O_EXCL holds, and rename replaces nothing");
    }
    if (locks) {
      ok("locks", "flock works");
    } else {
      fail("locks", "flock does not keep others out", "use a filesystem that has locks", Errc::io);
    }
  }

  void look_at_leftovers(const sys::Files& files) {
    std::vector<std::string> names;
    const auto listed = files.list(path::k_temporary, [&names](const sys::DirectoryEntry& entry) {
      names.emplace_back(entry.name);
    });
    if (!listed) return fail("tmp", listed.error().message, {}, listed.error().code);
    std::size_t busy = 0;
    for (const auto& name : names) {
      const auto written = files.is_being_written(std::string(path::k_temporary) + "/" + name);
      if (written && *written) ++busy;
    }
    ok("tmp", fmt::format("{} files being written, {} left behind{}", busy, names.size() - busy,
                          names.size() > busy ? ": the next command deals with them" : ""));
  }

  void look_at_databases(const sys::Files& files) {
    for (const char* name : {path::k_index, path::k_state}) {
      const auto status = files.status(name);
      if (!status || !*status) {
        ok(name, "is not there yet");
        continue;
      }
      auto database = db::Database::open(files.root() + "/" + name, std::chrono::seconds{1});
      auto asked = database ? database->prepare("SELECT count(*) FROM sqlite_master")
                            : Result<db::Statement>(tl::unexpected(database.error()));
      const auto answered = asked ? asked->step() : Result<bool>(tl::unexpected(asked.error()));
      if (answered) {
        ok(name, "can be read");
      } else {
        warn(name, answered.error().message, "remove it: it is made again");
      }
    }
  }

  // Who holds it, as /proc/locks tells: trying it would be in the way of a sync that begins now.
  [[nodiscard]] std::optional<std::string> holder_of(std::uint64_t inode) const {
    const std::string end = fmt::format(":{}", inode);
    const std::string locks = with_.machine.read("/proc/locks").value_or("");
    for (const auto line : split(locks, '\n')) {
      std::vector<std::string_view> words;
      for (const auto word : split(line, ' ')) {
        if (!word.empty()) words.push_back(word);
      }
      // 1: FLOCK ADVISORY WRITE 4711 fe:01:123456 0 EOF
      if (words.size() < 6 || words[1] != "FLOCK" || !words[5].ends_with(end)) continue;
      const std::string pid(words[4]);
      const auto name = with_.machine.read("/proc/" + pid + "/comm");
      return fmt::format("process {}{}", pid, name ? fmt::format(" ({})", trim(*name)) : "");
    }
    return std::nullopt;
  }

  void look_at_lock(const sys::Files& files) {
    const auto status = files.status(path::k_lock);
    const auto holder =
        status && *status ? holder_of((**status).inode) : std::optional<std::string>{};
    if (holder) {
      ok("lock", "held by " + *holder + ": a sync or prune is running");
    } else {
      ok("lock", "free");
    }
  }

  Diagnosis& diagnosis_;
  const Examination& with_;
  std::vector<sys::Mount> mounts_;
  const sys::Mount* mount_ = nullptr;
};

void look_at_owner(const sys::RealFiles& files, Diagnosis& diagnosis) {
  const auto checked = files.check_private();
  if (checked) {
    diagnosis.checks.push_back({.name = "directory",
                                .text = files.root() + ": yours, and nobody else may write to it",
                                .hint = {}});
  } else {
    diagnosis.checks.push_back({.name = "directory",
                                .level = Level::fail,
                                .text = checked.error().message,
                                .hint = {},
                                .cause = checked.error().code});
  }
}

// Nothing is made: what can be said is said of the parent.
void look_at_parent(Diagnosis& diagnosis) {
  const auto parent = sys::find_parent_to_make(diagnosis.directory);
  if (parent) {
    diagnosis.checks.push_back(
        {.name = "directory",
         .text = fmt::format("{}: not there yet; {} is where the first enqueue makes it",
                             diagnosis.directory, *parent)});
  } else {
    diagnosis.checks.push_back({.name = "directory",
                                .level = Level::fail,
                                .text = parent.error().message,
                                .hint = "name another directory: OFFQ_DIR, or -C",
                                .cause = parent.error().code});
  }
}

}  // namespace

Diagnosis examine(const std::string& directory, const Examination& with) {
  Diagnosis diagnosis;
  diagnosis.directory = with.machine.resolve(directory);
  Doctor doctor(diagnosis, with);
  auto opened = sys::RealFiles::at(diagnosis.directory);
  const auto temporary = opened ? opened->status(path::k_temporary)
                                : Result<std::optional<sys::FileStatus>>(std::nullopt);
  diagnosis.exists = temporary && temporary->has_value();
  if (opened) {
    look_at_owner(*opened, diagnosis);
  } else if (opened.error().code == Errc::not_found) {
    look_at_parent(diagnosis);
  } else {
    diagnosis.checks.push_back({.name = "directory",
                                .level = Level::fail,
                                .text = opened.error().message,
                                .hint = {},
                                .cause = opened.error().code});
  }
  doctor.look_at_place();
  if (diagnosis.exists) doctor.look_at_queue(*opened);
  doctor.look_at_machine();
  return diagnosis;
}

Diagnosis examine(sys::Files& files, const Examination& with) {
  Diagnosis diagnosis;
  diagnosis.directory = with.machine.resolve(files.root());
  diagnosis.exists = true;
  Doctor doctor(diagnosis, with);
  doctor.look_at_place();
  doctor.look_at_queue(files);
  doctor.look_at_machine();
  return diagnosis;
}

}  // namespace core::queue
