// SPDX-License-Identifier: MIT
#include "libcore/delivery/recorded_children.hpp"

#include <cstdlib>
#include <string>
#include <vector>

#include <poll.h>
#include <sys/wait.h>
#include <unistd.h>

#include <doctest/doctest.h>

#include "libcore/queue/layout.hpp"
#include "libcore/sys/stray.hpp"
#include "libcore/sys/wait.hpp"
#include "tests/fakes/temp_dir.hpp"

using namespace std::chrono_literals;
using namespace core::delivery;
namespace path = core::queue::path;

namespace {

// Only somebody else can end it.
const core::sys::Command k_waits{.program = "/usr/bin/tail", .arguments = {"-f", "/dev/null"}};

struct World {
  fakes::TempDir directory;
  core::sys::RealFiles files = core::sys::RealFiles::at(directory.path()).value();
  core::sys::SystemClock clock;
  core::sys::SystemChildren real;
  std::vector<std::string> warnings;
  RecordedChildren children{
      {.children = real, .files = files, .clock = clock, .warn = [this](const std::string& what) {
         warnings.push_back(what);
       }}};

  std::vector<std::string> records() const {
    std::vector<std::string> names;
    REQUIRE(
        files
            .list(path::k_running,
                  [&](const core::sys::DirectoryEntry& entry) { names.emplace_back(entry.name); })
            .has_value());
    return names;
  }
  void wait_for_end(core::sys::Children::Id id) const {
    CHECK(core::sys::wait_for(children.fd(id), POLLIN, 20s) == core::sys::Ready::yes);
  }
};

// A process that starts one, and is killed.
int stray_of_a_dead_process(World& world) {
  const int process = ::fork();
  REQUIRE(process >= 0);
  if (process == 0) {
    static_cast<void>(world.children.start(k_waits));
    ::_exit(0);  // without what destructors do, as kill -9
  }
  int status = 0;
  REQUIRE(::waitpid(process, &status, 0) == process);
  const auto records = world.records();
  REQUIRE(records.size() == 1);
  return std::atoi(records.front().c_str());
}

}  // namespace

TEST_CASE("a child is on record while it runs") {
  World world;
  const auto child = world.children.start(k_waits).value();
  CHECK(world.records() == std::vector{std::to_string(world.children.process(child))});
  world.children.signal(child, core::sys::Children::Signal::kill);
  world.wait_for_end(child);
  CHECK(world.children.ended(child).has_value());
  CHECK(world.records().empty());
}

TEST_CASE("what a dead process has left running is ended, and forgotten") {
  World world;
  const int stray = stray_of_a_dead_process(world);
  REQUIRE(core::sys::name_of_process(stray).has_value());
  CHECK(end_strays(world.files, world.clock).value() == 1);
  CHECK_FALSE(core::sys::name_of_process(stray).has_value());
  CHECK(world.records().empty());
  CHECK(end_strays(world.files, world.clock).value() == 0);
}

TEST_CASE("what a living process runs is left alone") {
  World world;
  const auto child = world.children.start(k_waits).value();
  CHECK(end_strays(world.files, world.clock).value() == 0);
  CHECK(core::sys::name_of_process(world.children.process(child)).has_value());
  CHECK(world.records().size() == 1);
}

TEST_CASE("a record that says nothing, or is of another boot, is forgotten") {
  World world;
  const int stray = stray_of_a_dead_process(world);
  const auto record = core::queue::running_path(stray);
  auto text = *core::sys::read_file(world.files, record, core::ByteCount{4096}).value();
  text.replace(text.find(world.clock.boot_id()), 4, "gone");
  REQUIRE(world.files.remove(record).value());
  REQUIRE(world.files.append(record, text, core::sys::Sync::no).has_value());
  REQUIRE(world.files.append(core::queue::running_path(1), "{\n", core::sys::Sync::no).has_value());
  CHECK(end_strays(world.files, world.clock).value() == 0);
  CHECK(world.records().empty());
  const auto name = core::sys::name_of_process(stray);
  REQUIRE(name.has_value());
  core::sys::Stray::find(*name)->signal(core::sys::Children::Signal::kill);
}

TEST_CASE("what cannot be put on record runs, and is told of once") {
  World world;
  REQUIRE(world.files.append(path::k_running, "a file\n", core::sys::Sync::no).has_value());
  for (int i = 0; i < 2; ++i) {
    const auto child = world.children.start(k_waits).value();
    world.children.signal(child, core::sys::Children::Signal::kill);
    world.wait_for_end(child);
    CHECK(world.children.ended(child)->signal == 9);
  }
  REQUIRE(world.warnings.size() == 1);
  CHECK(world.warnings.front().starts_with("what runs cannot be put on record: "));
}
