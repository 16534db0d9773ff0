// SPDX-License-Identifier: MIT
#include "libcore/sys/named_files.hpp"

#include <filesystem>
#include <string>
#include <vector>

#include <sys/fsuid.h>
#include <unistd.h>

#include <doctest/doctest.h>

#include "tests/fakes/temp_dir.hpp"

namespace fs = std::filesystem;
using core::sys::DirectoryEvent;
using core::sys::DirectoryEvents;
using core::sys::NamedFiles;

namespace {

struct World {
  fakes::TempDir dir;
  DirectoryEvents events = DirectoryEvents::open();
  NamedFiles files;

  explicit World(const std::vector<std::string>& names) {
    std::vector<std::string> paths;
    paths.reserve(names.size());
    for (const auto& name : names)
      paths.push_back(dir / name);
    files = NamedFiles(paths);
    files.watch(events);
  }
  bool is_changed() {
    bool is_any = false;
    REQUIRE(events.take([&](const DirectoryEvent& event) { is_any |= files.take(events, event); })
                .has_value());
    return is_any;
  }
  void write(const std::string& name) const { fakes::write_text(dir / name, "x"); }
  void make(const std::string& name, fs::perms mode) const {
    fs::create_directory(dir / name);
    fs::permissions(dir / name, mode);
  }
};

// For this thread the modes of files hold, though it is root's.
struct AsNobody {
  AsNobody() { ::setfsuid(::geteuid() == 0 ? 65534 : ::geteuid()); }
  ~AsNobody() { ::setfsuid(::geteuid()); }
  AsNobody(const AsNobody&) = delete;
  AsNobody& operator=(const AsNobody&) = delete;
};

// May be searched, and not be read.
constexpr fs::perms k_closed =
    fs::perms::owner_write | fs::perms::owner_exec | fs::perms::group_exec | fs::perms::others_exec;
constexpr fs::perms k_open{0755};

}  // namespace

TEST_CASE("a file is news when it comes, changes and goes, and others are not") {
  World world({"config.yaml"});
  world.write("another");
  CHECK_FALSE(world.is_changed());
  world.write("config.yaml");
  CHECK(world.is_changed());
  world.write("config.yaml");
  CHECK(world.is_changed());
  fs::remove(world.dir / "config.yaml");
  CHECK(world.is_changed());
}

TEST_CASE("a file is news although its directory is made later, step by step or at once") {
  World world({"a/b/c/config.yaml", "a/other.yaml"});
  fs::create_directory(world.dir / "a");
  CHECK_FALSE(world.is_changed());
  fs::create_directories(world.dir / "a/b/c");
  CHECK_FALSE(world.is_changed());
  world.write("a/b/c/config.yaml");
  CHECK(world.is_changed());
  world.write("a/other.yaml");
  CHECK(world.is_changed());
}

TEST_CASE("a file that came before its new directory was watched is news") {
  World world({"a/b/config.yaml"});
  fs::create_directories(world.dir / "a/b");
  world.write("a/b/config.yaml");
  CHECK(world.is_changed());
  world.write("a/b/config.yaml");
  CHECK(world.is_changed());
}

TEST_CASE("a directory that is moved into its place is followed") {
  World world({"a/b/config.yaml"});
  fs::create_directories(world.dir / "new/b");
  world.write("new/b/config.yaml");
  CHECK_FALSE(world.is_changed());
  fs::rename(world.dir / "new", world.dir / "a");
  CHECK(world.is_changed());
}

TEST_CASE("a directory that goes takes its file away, and may come back") {
  World world({"a/b/config.yaml"});
  fs::create_directories(world.dir / "a/b");
  world.write("a/b/config.yaml");
  CHECK(world.is_changed());
  for (int i = 0; i < 2; ++i) {
    fs::rename(world.dir / "a/b", world.dir / "moved");
    CHECK(world.is_changed());
    world.write("moved/config.yaml");
    CHECK_FALSE(world.is_changed());
    fs::remove_all(world.dir / "a");
    CHECK_FALSE(world.is_changed());
    fs::create_directory(world.dir / "a");
    fs::rename(world.dir / "moved", world.dir / "a/b");
    CHECK(world.is_changed());
  }
}

TEST_CASE("what is in the place of a directory is waited for to go") {
  World world({"a/b/config.yaml"});
  world.write("a");
  CHECK_FALSE(world.is_changed());
  fs::remove(world.dir / "a");
  fs::create_directories(world.dir / "a/b");
  world.write("a/b/config.yaml");
  CHECK(world.is_changed());
}

TEST_CASE("a file in the place of the directory itself is waited for to go") {
  World world({"a/config.yaml"});
  world.write("a");
  CHECK_FALSE(world.is_changed());
  world.files.watch(world.events);
  fs::remove(world.dir / "a");
  fs::create_directory(world.dir / "a");
  CHECK_FALSE(world.is_changed());
  world.write("a/config.yaml");
  CHECK(world.is_changed());
}

TEST_CASE("a directory that may not be read is not watched, and others are") {
  World world({"closed/config.yaml", "closed/open/config.yaml", "closed/none/config.yaml"});
  fs::permissions(world.dir.path(), k_open);
  world.make("closed", k_closed);
  world.make("closed/open", k_open);
  {
    const AsNobody nobody;
    CHECK_FALSE(world.is_changed());
    world.files.watch(world.events);
  }
  world.write("closed/config.yaml");
  world.make("closed/none", k_open);
  world.write("closed/none/config.yaml");
  CHECK_FALSE(world.is_changed());
  world.write("closed/open/config.yaml");
  CHECK(world.is_changed());
  fs::permissions(world.dir / "closed", k_open);
  world.files.watch(world.events);
  world.write("closed/config.yaml");
  CHECK(world.is_changed());
}

TEST_CASE("a file is followed when what is above its directory is moved and made anew") {
  World world({"a/b/c/config.yaml"});
  fs::create_directories(world.dir / "a/b/c");
  world.write("a/b/c/config.yaml");
  CHECK(world.is_changed());
  for (const std::string old : {"a.1", "a.2"}) {
    fs::rename(world.dir / "a", world.dir / old);
    CHECK(world.is_changed());
    world.write(old + "/b/c/config.yaml");
    CHECK_FALSE(world.is_changed());
    fs::create_directories(world.dir / "a/b/c");
    CHECK_FALSE(world.is_changed());
    world.write("a/b/c/config.yaml");
    CHECK(world.is_changed());
  }
}

TEST_CASE("a directory that is waited for is followed when what is above it is moved") {
  World world({"a/b/c/config.yaml"});
  fs::create_directories(world.dir / "a/b");
  CHECK_FALSE(world.is_changed());
  fs::rename(world.dir / "a", world.dir / "old");
  CHECK_FALSE(world.is_changed());
  fs::create_directories(world.dir / "a/b/c");
  CHECK_FALSE(world.is_changed());
  world.write("a/b/c/config.yaml");
  CHECK(world.is_changed());
}
