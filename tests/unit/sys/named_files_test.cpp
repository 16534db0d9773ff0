// SPDX-License-Identifier: MIT
#include "libcore/sys/named_files.hpp"

#include <filesystem>
#include <string>
#include <vector>

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
    REQUIRE(files.watch(events).has_value());
  }
  bool is_changed() {
    bool is_any = false;
    REQUIRE(
        events
            .take([&](const DirectoryEvent& event) { is_any |= files.take(events, event).value(); })
            .has_value());
    return is_any;
  }
  void write(const std::string& name) const { fakes::write_text(dir / name, "x"); }
};

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
