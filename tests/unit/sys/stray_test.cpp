// SPDX-License-Identifier: MIT
#include "libcore/sys/stray.hpp"

#include <poll.h>

#include <doctest/doctest.h>

#include "libcore/sys/process.hpp"
#include "libcore/sys/wait.hpp"

using namespace std::chrono_literals;

TEST_CASE("a process is known by its number and its start, and by nothing less") {
  const auto name = core::sys::name_of_process(core::sys::process_id());
  REQUIRE(name);
  CHECK(core::sys::Stray::find(*name).has_value());
  CHECK_FALSE(
      core::sys::Stray::find({.number = name->number, .started = name->started + 1}).has_value());
  CHECK_FALSE(core::sys::Stray::find({}).has_value());
}

TEST_CASE("a process that another one started is ended with its group") {
  core::sys::SystemChildren children;
  // Waits for itself: nobody else would end it.
  const auto child =
      children.start({.program = "/bin/sh", .arguments = {"-c", "kill -STOP $$"}}).value();
  const auto name = core::sys::name_of_process(children.process(child));
  REQUIRE(name);
  const auto stray = core::sys::Stray::find(*name);
  REQUIRE(stray);
  CHECK_FALSE(stray->has_ended());
  stray->signal(core::sys::Children::Signal::kill);
  CHECK(core::sys::wait_for(stray->fd(), POLLIN, 10s) == core::sys::Ready::yes);
  CHECK(stray->has_ended());
  // Nobody has taken leave of it, and yet it runs no more.
  CHECK_FALSE(core::sys::name_of_process(name->number).has_value());
  CHECK(children.ended(child)->signal == 9);
}
