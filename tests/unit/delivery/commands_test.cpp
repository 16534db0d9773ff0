// SPDX-License-Identifier: MIT
#include "libcore/delivery/commands.hpp"

#include <string>
#include <vector>

#include <doctest/doctest.h>

#include "libcore/sys/clock.hpp"
#include "tests/fakes/temp_dir.hpp"

using namespace std::chrono_literals;
using namespace core::delivery;

namespace {

struct World {
  core::sys::SystemChildren children;
  core::sys::PollSet wakes = core::sys::PollSet::create().value();
  core::sys::SystemClock clock;
  fakes::TempDir directory;

  CommandJob shell(const std::string& script, core::Duration timeout = 20s) const {
    return {.tag = 7,
            .command = {.queue = {},
                        .program = "/bin/sh",
                        .arguments = {"-c", script},
                        .directory = directory.path(),
                        .environment = {{"PATH", "/usr/bin:/bin"}, {"A", "b c"}},
                        .timeout = timeout},
            .input = "fed\n",
            .id = "01M7XYQP6V5Q4ZJ8WZ5N1V7C2M",
            .attempt = 2,
            .queue_directory = "/q"};
  }
  CommandEnd wait_for_end(Commands& commands) {
    const auto deadline = clock.since_boot() + 20s;
    while (clock.since_boot() < deadline) {
      auto ends = commands.take();
      if (!ends.empty()) return ends.front();
      static_cast<void>(wakes.is_ready(20ms));
    }
    FAIL("it does not end");
    return {};
  }
};

}  // namespace

TEST_CASE("a command has its directory, its variables and no others, and its input") {
  World world;
  setenv("OFFKIT_TEST_SECRET", "s", 1);
  Commands commands(world.children, world.wakes, world.clock);
  REQUIRE(commands
              .start(world.shell("pwd; cat; echo \"$A,$OFFKIT_TEST_SECRET,$OFFQ_ID,$OFFQ_ATTEMPT,"
                                 "$OFFQ_TYPE,$OFFQ_DIR\""))
              .has_value());
  const auto end = world.wait_for_end(commands);
  unsetenv("OFFKIT_TEST_SECRET");
  CHECK(end.tag == 7);
  CHECK(end.ended.is_success());
  CHECK(end.output ==
        world.directory.path() + "\nfed\nb c,,01M7XYQP6V5Q4ZJ8WZ5N1V7C2M,2,command,/q\n");
  CHECK(commands.is_idle());
}

TEST_CASE("of what a command prints the first mebibyte is kept") {
  World world;
  Commands commands(world.children, world.wakes, world.clock);
  REQUIRE(commands.start(world.shell("head -c 3000000 /dev/zero")).has_value());
  const auto end = world.wait_for_end(commands);
  CHECK(end.output.size() == 1U << 20U);
  CHECK(end.is_truncated);
  CHECK(end.ended.is_success());
}

TEST_CASE("a command whose time is over is ended, and its children with it") {
  World world;
  Commands commands(world.children, world.wakes, world.clock);
  REQUIRE(commands.start(world.shell("tail -f /dev/null & tail -f /dev/null", 50ms)).has_value());
  const auto end = world.wait_for_end(commands);
  CHECK(end.is_late);
  CHECK(verdict_of(end).kind == Class::temporary);
}

TEST_CASE("commands that nobody waits for any more are ended") {
  World world;
  {
    Commands commands(world.children, world.wakes, world.clock);
    REQUIRE(
        commands.start(world.shell("trap '' TERM; echo $$ > pid; tail -f /dev/null")).has_value());
    commands.abandon();
    CHECK(commands.is_idle());
  }
  Commands commands(world.children, world.wakes, world.clock);
  REQUIRE(commands.start(world.shell("exit 0")).has_value());
  CHECK(world.wait_for_end(commands).ended.is_success());
}

TEST_CASE("a program that is not there is not started") {
  World world;
  Commands commands(world.children, world.wakes, world.clock);
  auto job = world.shell("");
  job.command.program = world.directory / "nothing";
  CHECK(commands.start(job).error().code == core::Errc::not_found);
  CHECK(commands.is_idle());
}

TEST_CASE("how a command ends says what becomes of it") {
  const auto kind = [](int status, int signal = 0) {
    return verdict_of({.ended = {.status = status, .signal = signal}}).kind;
  };
  CHECK(kind(0) == Class::delivered);
  for (const int status : {64, 65, 77, 78})
    CHECK(kind(status) == Class::rejected);
  for (const int status : {69, 75})
    CHECK(kind(status) == Class::later);
  for (const int status : {1, 2, 66, 70, 126, 127, 255})
    CHECK(kind(status) == Class::temporary);
  CHECK(kind(0, 9) == Class::temporary);
  CHECK(verdict_of({.ended = {.status = 3, .signal = 0}}).message == "exit status 3");
}
