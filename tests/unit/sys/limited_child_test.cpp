// SPDX-License-Identifier: MIT
#include "libcore/sys/limited_child.hpp"

#include <chrono>
#include <string>

#include <signal.h>

#include <doctest/doctest.h>

#include "tests/fakes/fake_clock.hpp"

using core::sys::LimitedChild;
using namespace std::chrono_literals;

namespace {

struct Bench {
  core::sys::SystemChildren children;
  core::sys::PollSet wakes = core::sys::PollSet::create().value();
  fakes::FakeClock clock;

  LimitedChild start(const std::string& script,
                     LimitedChild::Keeps keeps = LimitedChild::Keeps::output_and_errors) {
    return LimitedChild::start({.children = children, .wakes = wakes, .clock = clock},
                               {.program = "/bin/sh", .arguments = {"-c", script}},
                               {.time = 10s, .output = 8, .keeps = keeps})
        .value();
  }
  core::sys::Ended end_of(LimitedChild& child) {
    while (true) {
      if (const auto ended = child.tend()) return *ended;
      REQUIRE(wakes.is_ready(30s));
    }
  }
  // Until it has printed this, which it keeps.
  void await_output(LimitedChild& child, const std::string& text) {
    while (true) {
      REQUIRE(!child.tend());
      if (child.output().kept() == text) return;
      REQUIRE(wakes.is_ready(30s));
    }
  }
};

}  // namespace

TEST_CASE("a child that ends in time tells how, and the beginning of what it printed is kept") {
  Bench bench;
  auto child = bench.start("echo one; echo two >&2; echo three; exit 3");
  CHECK(child.process() > 0);
  CHECK(bench.end_of(child).status == 3);
  CHECK(child.output().kept() == "one\ntwo\n");
  CHECK(child.output().dropped() == 6);
  CHECK(!child.was_asked_to_end());
}

TEST_CASE("its standard error is kept only where that is wanted") {
  Bench bench;
  auto child = bench.start("exec 2>/dev/null; echo two >&2; echo one", LimitedChild::Keeps::output);
  CHECK(bench.end_of(child).is_success());
  CHECK(child.output().kept() == "one\n");
}

TEST_CASE("a child whose time is over is asked to end, and may say goodbye") {
  Bench bench;
  auto child = bench.start("trap 'echo bye; exit 4' TERM; echo on; tail -f /dev/null & wait");
  bench.await_output(child, "on\n");
  bench.clock.advance(10s);
  CHECK(!child.tend());
  CHECK(child.was_asked_to_end());
  CHECK(child.deadline() == bench.clock.since_boot() + 2s);
  CHECK(bench.end_of(child).status == 4);
  CHECK(child.output().kept() == "on\nbye\n");
  CHECK(child.elapsed() == 10s);
}

TEST_CASE("a child that does not listen is killed two seconds later") {
  Bench bench;
  auto child = bench.start("trap '' TERM; echo on; exec tail -f /dev/null");
  bench.await_output(child, "on\n");
  child.hurry();
  bench.clock.advance(2s);
  CHECK(!child.tend());
  CHECK(bench.end_of(child).signal == SIGKILL);
}

TEST_CASE("a program that is not there is no child") {
  Bench bench;
  const auto child =
      LimitedChild::start({.children = bench.children, .wakes = bench.wakes, .clock = bench.clock},
                          {.program = "/nowhere/to/be/found"}, {.time = 1s});
  REQUIRE(!child);
  CHECK(child.error().code == core::Errc::not_found);
}
