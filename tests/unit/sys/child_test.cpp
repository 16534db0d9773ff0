// SPDX-License-Identifier: MIT
#include "libcore/sys/child.hpp"

#include <chrono>
#include <filesystem>
#include <string>

#include <poll.h>
#include <signal.h>

#include <doctest/doctest.h>

#include "libcore/sys/wait.hpp"
#include "tests/fakes/temp_dir.hpp"

using core::sys::Children;
using core::sys::Ended;
using core::sys::SystemChildren;
using namespace std::chrono_literals;

namespace {

core::sys::Command shell(const std::string& script) {
  return {.program = "/bin/sh", .arguments = {"-c", script}};
}

Ended end_of(SystemChildren& children, Children::Id id) {
  REQUIRE(core::sys::wait_for(children.fd(id), POLLIN, 30s).value() == core::sys::Ready::yes);
  const auto ended = children.ended(id);
  REQUIRE(ended.has_value());
  return *ended;
}

Children::Id start(SystemChildren& children, const core::sys::Command& command) {
  const auto id = children.start(command);
  REQUIRE_MESSAGE(id.has_value(), (id ? "" : id.error().message));
  return *id;
}

}  // namespace

TEST_CASE("a child gets its input, variables and directory, and tells how it ended") {
  const fakes::TempDir dir;
  SystemChildren children;
  auto command = shell("cat > got; echo \"$MINE $HOME\" >> got; exit 7");
  command.directory = dir.path();
  command.input = std::string(300'000, 'x') + "\n";
  command.variables = {{"MINE", "a b"}, {"HOME", "/mine"}};
  const auto ended = end_of(children, start(children, command));
  CHECK(ended.status == 7);
  CHECK_FALSE(ended.is_success());
  CHECK(fakes::read_text(dir / "got") == command.input + "a b /mine\n");
  CHECK(end_of(children, start(children, shell("cat > /dev/null"))).is_success());
}

TEST_CASE("a child that runs is not ended, and a signal ends it with what it has started") {
  const fakes::TempDir dir;
  SystemChildren children;
  auto command = shell("mkfifo in; (read line < in; echo alive > out) & wait");
  command.directory = dir.path();
  const auto id = start(children, command);
  CHECK_FALSE(children.ended(id));
  children.signal(id, Children::Signal::kill);
  CHECK(end_of(children, id).signal == SIGKILL);
  CHECK(children.fd(id) == -1);
}

TEST_CASE("a program that is not there cannot be run") {
  SystemChildren children;
  CHECK(children.start({.program = "/nothing/there"}).error().code == core::Errc::not_found);
}
