// SPDX-License-Identifier: MIT
#include "libcore/queue/doctor.hpp"

#include <algorithm>

#include "tests/fakes/fake_machine.hpp"
#include "tests/fakes/queue_fixture.hpp"

using namespace core::queue;
using core::Check;
using core::Errc;
using core::Level;
using fakes::FakeMachine;
using fakes::Fault;
using fakes::QueueFixture;

namespace {

std::string mounted(const std::string& type, const std::string& source,
                    const std::string& options = "rw") {
  return "1 0 254:1 / / rw - " + type + " " + source + " " + options + "\n";
}

Promise promise_on(const std::string& mountinfo) {
  return promise_of(core::sys::parse_mounts(mountinfo), "/q");
}

FakeMachine machine_on(const std::string& mountinfo) {
  return FakeMachine(mountinfo);
}

Diagnosis examined(QueueFixture& queue, const FakeMachine& machine) {
  return examine(queue.files, {.machine = machine, .clock = queue.clock, .limits = queue.limits});
}

Check check_of(const Diagnosis& diagnosis, std::string_view name) {
  const auto found = std::ranges::find(diagnosis.checks, name, &Check::name);
  if (found == diagnosis.checks.end()) return {.name = "none", .text = {}, .hint = {}};
  return *found;
}

}  // namespace

TEST_CASE("what a filesystem promises is known") {
  const std::pair<std::string, Survives> expected[] = {
      {mounted("ext4", "/dev/vda"), Survives::power_loss},
      {mounted("xfs", "/dev/vda"), Survives::power_loss},
      {mounted("btrfs", "/dev/vda"), Survives::power_loss},
      {mounted("zfs", "tank/data"), Survives::power_loss},
      {mounted("tmpfs", "tmpfs"), Survives::kill},
      {mounted("ramfs", "none"), Survives::kill},
      {mounted("nfs4", "host:/x"), Survives::elsewhere},
      {mounted("fuse.sshfs", "host:"), Survives::elsewhere},
      {mounted("vfat", "/dev/sda1"), Survives::elsewhere},
      {mounted("overlay", "overlay", "rw,upperdir=/var/up"), Survives::elsewhere},
      {mounted("strangefs", "x"), Survives::elsewhere},
      {"", Survives::elsewhere},
      {mounted("ext4", "/dev/vda", "rw,nobarrier"), Survives::kill},
      {mounted("ext4", "/dev/vda", "rw,barrier=0"), Survives::kill},
      {mounted("ext4", "/dev/vda", "rw,barrier=1"), Survives::power_loss},
      {mounted("f2fs", "/dev/vda", "rw,fsync_mode=nobarrier"), Survives::kill},
      {mounted("overlay", "overlay", "rw,upperdir=/up,volatile"), Survives::kill},
  };
  for (const auto& [mountinfo, survives] : expected) {
    CAPTURE(mountinfo);
    CHECK(promise_on(mountinfo).survives == survives);
    CHECK(!sentence(promise_on(mountinfo)).empty());
  }
}

TEST_CASE("an overlay whose upper directory is seen to be in memory is memory") {
  const auto promise = promise_on(
      "1 0 254:1 / / rw - ext4 /dev/vda rw\n2 1 0:30 / /mem rw - tmpfs tmpfs rw\n"
      "3 1 0:31 / /q rw - overlay overlay rw,lowerdir=/l,upperdir=/mem/up,workdir=/mem/w\n");
  CHECK(promise.survives == Survives::kill);
  CHECK(promise.why.find("tmpfs") != std::string::npos);
}

TEST_CASE("the closing sentence says what is guaranteed, and why") {
  CHECK(sentence(promise_on(mounted("ext4", "/dev/vda"))) ==
        "Printed ids survive kill -9 and power loss: ext4 on /dev/vda honours fsync.");
  CHECK(sentence(promise_on(mounted("tmpfs", "tmpfs"))) ==
        "Printed ids survive kill -9, but not a power loss or reboot: tmpfs is memory.");
}

TEST_CASE("a sync that is faster than any disk is not believed, except where none is needed") {
  QueueFixture queue;  // its clock stands still
  const auto disk = examined(queue, machine_on(mounted("ext4", "/dev/vda")));
  CHECK(check_of(disk, "fsync").level == Level::warn);
  CHECK(check_of(disk, "fsync").hint.find("cannot be proved") != std::string::npos);
  REQUIRE(disk.sync_times.has_value());
  CHECK(disk.sync_times->rounds > 1);

  const auto memory = examined(queue, machine_on(mounted("tmpfs", "tmpfs")));
  CHECK(check_of(memory, "fsync").level == Level::ok);
  CHECK(check_of(memory, "filesystem").level == Level::warn);
  CHECK(core::worst_of(memory.checks) == Level::warn);
}

TEST_CASE("an examination leaves the queue as it was") {
  QueueFixture queue;
  const auto id = queue.enqueue();
  const auto diagnosis = examined(queue, machine_on(mounted("ext4", "/dev/vda")));

  CHECK(queue.names_in("tmp").empty());
  CHECK(queue.names_in("pending") == std::vector{id.text() + ".json"});
  CHECK(check_of(diagnosis, "names").level == Level::ok);
  CHECK(check_of(diagnosis, "locks").level == Level::ok);
  CHECK(check_of(diagnosis, "writing").level == Level::ok);
  CHECK(check_of(diagnosis, "index.db").text == "is not there yet");
}

TEST_CASE("whatever cannot be written is told, and nothing is left behind") {
  for (std::uint64_t n = 0;; ++n) {
    CAPTURE(n);
    QueueFixture queue;
    queue.files.arm(n, Fault::error);
    const auto diagnosis = examined(queue, machine_on(mounted("xfs", "/dev/vda")));
    const bool struck = queue.files.has_struck();
    queue.files.disarm();
    queue.open();
    CHECK(queue.names_in("tmp").empty());
    if (n == 0) CHECK(check_of(diagnosis, "writing").level == Level::fail);
    if (!struck) break;
  }
}

TEST_CASE("a full disk is what enqueueing fails with") {
  QueueFixture queue;
  queue.files.arm(0, Fault::full);
  const auto diagnosis = examined(queue, machine_on(mounted("ext4", "/dev/vda")));
  CHECK(check_of(diagnosis, "writing").cause == Errc::full);
}

TEST_CASE("the write cache of a disk, and of the disk of a partition, is told") {
  QueueFixture queue;
  auto machine = machine_on(mounted("ext4", "/dev/sda1"));
  machine.texts["/sys/dev/block/254:1/../queue/write_cache"] = "write back\n";
  machine.texts["/proc/cpuinfo"] = "flags : fpu hypervisor\n";
  const auto text = check_of(examined(queue, machine), "disk").text;
  CHECK(text.find("has a write cache") != std::string::npos);
  CHECK(text.find("cannot be proved") != std::string::npos);

  machine.texts["/sys/dev/block/254:1/queue/write_cache"] = "write through\n";
  machine.texts.erase("/proc/cpuinfo");
  CHECK(check_of(examined(queue, machine), "disk").text == "/dev/sda1: writes through");
}

TEST_CASE("of a virtual disk the closing sentence promises with reserve") {
  QueueFixture queue;
  const auto closing = [&queue](const FakeMachine& machine) {
    return sentence(examined(queue, machine).promise);
  };
  const std::string reserve = ", unless the host of this virtual disk keeps a write in its cache.";
  CHECK(closing(machine_on(mounted("ext4", "/dev/vda1"))) ==
        "Printed ids survive kill -9 and power loss: ext4 on /dev/vda1 honours fsync" + reserve);
  CHECK(closing(machine_on(mounted("xfs", "/dev/xvda1"))).ends_with(reserve));
  CHECK(closing(machine_on(mounted("xfs", "/dev/nvme0n1p1"))).ends_with("honours fsync."));

  auto machine = machine_on(mounted("ext4", "/dev/sda1"));
  CHECK(closing(machine).ends_with("honours fsync."));
  machine.texts["/sys/dev/block/254:1/../device/vendor"] = "QEMU    \n";
  CHECK(closing(machine).ends_with(reserve));
  machine.texts.clear();
  machine.texts["/proc/self/mountinfo"] = mounted("tmpfs", "tmpfs");
  machine.texts["/proc/cpuinfo"] = "flags : fpu hypervisor\n";
  CHECK(closing(machine).find("host") == std::string::npos);
  machine.texts["/proc/self/mountinfo"] = mounted("ext4", "/dev/sda1");
  CHECK(closing(machine).ends_with(reserve));
}

TEST_CASE("a queue whose reserve had no room, or was used up, is told") {
  QueueFixture queue;
  const auto machine = machine_on(mounted("ext4", "/dev/sda1"));
  CHECK(check_of(examined(queue, machine), "reserve").level == Level::ok);
  release_reserve(queue.files);
  CHECK(check_of(examined(queue, machine), "reserve").level == Level::warn);
  std::filesystem::remove(queue.dir / "reserve");
  CHECK(check_of(examined(queue, machine), "reserve").level == Level::warn);
}

TEST_CASE("who holds the lock is named") {
  QueueFixture queue;
  auto machine = machine_on(mounted("ext4", "/dev/vda"));
  CHECK(check_of(examined(queue, machine), "lock").text == "free");
  const auto held = queue.files.lock("lock", core::sys::Wait::no);
  const auto inode = queue.files.status("lock").value()->inode;
  machine.texts["/proc/locks"] =
      "1: POSIX  ADVISORY  READ 7 fe:01:" + std::to_string(inode) +
      " 0 EOF\n2: FLOCK  ADVISORY  WRITE 4711 fe:01:" + std::to_string(inode) + " 0 EOF\n";
  machine.texts["/proc/4711/comm"] = "offq-sync\n";

  CHECK(check_of(examined(queue, machine), "lock").text ==
        "held by process 4711 (offq-sync): a sync or prune is running");
}

TEST_CASE("a damaged index is no harm, and is told") {
  QueueFixture queue;
  fakes::write_text(queue.dir / "index.db", std::string(5000, 'x'));
  const auto diagnosis = examined(queue, machine_on(mounted("ext4", "/dev/vda")));
  CHECK(check_of(diagnosis, "index.db").level == Level::warn);
}

TEST_CASE("a queue that no command would open is told, with what they would say") {
  const std::pair<const char*, Errc> texts[] = {
      {R"({"format":2,"queue":"01M7XYQN3ZV5H4M2T6R9XWYBD0"})", Errc::config},
      {"{", Errc::corrupt},
      {"", Errc::corrupt}};
  for (const auto& [text, cause] : texts) {
    CAPTURE(text);
    QueueFixture queue;
    fakes::write_text(queue.dir / "queue.json", text);
    const auto check = check_of(examined(queue, machine_on(mounted("ext4", "/dev/vda"))), "format");
    CHECK(check.level == Level::fail);
    CHECK(check.cause == cause);
  }
}

TEST_CASE("too few inotify watches are told") {
  QueueFixture queue;
  auto machine = machine_on(mounted("ext4", "/dev/vda"));
  machine.texts["/proc/sys/fs/inotify/max_user_watches"] = "0\n";
  machine.texts["/proc/sys/fs/inotify/max_user_instances"] = "128\n";
  CHECK(check_of(examined(queue, machine), "inotify").level == Level::warn);
}

TEST_CASE("a directory that is not there is not made") {
  const fakes::TempDir dir;
  fakes::FakeClock clock;
  auto machine = machine_on(mounted("ext4", "/dev/vda"));
  machine.where = dir / "a/b/queue";
  const auto diagnosis = examine(machine.where, {.machine = machine, .clock = clock, .limits = {}});

  CHECK(!diagnosis.exists);
  CHECK(!diagnosis.sync_times);
  CHECK(check_of(diagnosis, "directory").level == Level::ok);
  CHECK(std::filesystem::is_empty(dir.path()));
}
