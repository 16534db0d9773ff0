// SPDX-License-Identifier: MIT
#include "libcore/sys/child_output.hpp"

#include <chrono>
#include <string>

#include <poll.h>

#include <doctest/doctest.h>

#include "libcore/sys/child.hpp"
#include "libcore/sys/wait.hpp"

using core::sys::ChildOutput;
using core::sys::SystemChildren;
using namespace std::chrono_literals;

namespace {

core::sys::Children::Id start(SystemChildren& children, ChildOutput& output,
                              const std::string& script) {
  const auto child = children.start({.program = "/bin/sh",
                                     .arguments = {"-c", script},
                                     .output = output.to(),
                                     .errors = output.to()});
  REQUIRE(child.has_value());
  output.started();
  return *child;
}

void read_to_the_end(ChildOutput& output) {
  while (output.fd() >= 0) {
    REQUIRE(core::sys::wait_for(output.fd(), POLLIN, 30s).value() == core::sys::Ready::yes);
    output.read();
  }
}

}  // namespace

TEST_CASE("what a child prints to both of its outputs is kept in the order in which it came") {
  SystemChildren children;
  auto output = ChildOutput::open(100).value();
  start(children, output, "echo one; echo two >&2; printf three");
  read_to_the_end(output);
  CHECK(output.kept() == "one\ntwo\nthree");
  CHECK(output.text() == "one\ntwo\nthree\n");
  CHECK(output.dropped() == 0);
}

TEST_CASE("of a child that prints much the beginning is kept, and the rest is counted") {
  SystemChildren children;
  auto output = ChildOutput::open(10).value();
  const auto child = start(children, output, "head -c 3000000 /dev/zero | tr '\\0' x");
  read_to_the_end(output);
  REQUIRE(core::sys::wait_for(children.fd(child), POLLIN, 30s).value() == core::sys::Ready::yes);
  CHECK(children.ended(child)->is_success());
  CHECK(output.text() == "xxxxxxxxxx\n[2999990 more bytes are left out]\n");
}

TEST_CASE("reading comes back although a child prints without end") {
  SystemChildren children;
  auto output = ChildOutput::open(10).value();
  const auto child = start(children, output, "yes");
  REQUIRE(core::sys::wait_for(output.fd(), POLLIN, 30s).value() == core::sys::Ready::yes);
  for (int i = 0; i < 100; ++i)
    output.read();
  children.signal(child, core::sys::Children::Signal::kill);
  read_to_the_end(output);
  CHECK(output.kept() == "y\ny\ny\ny\ny\n");
}

TEST_CASE("where nothing is printed there is no text") {
  ChildOutput none;
  none.read();
  CHECK(none.fd() == -1);
  CHECK(none.text().empty());
}
