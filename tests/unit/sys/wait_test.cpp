// SPDX-License-Identifier: MIT
#include "libcore/sys/wait.hpp"

#include <array>

#include <poll.h>
#include <unistd.h>

#include <doctest/doctest.h>

#include "libcore/sys/fd.hpp"

using core::sys::Fd;
using core::sys::Ready;
using core::sys::wait_for;
using namespace std::chrono_literals;

TEST_CASE("a wait ends when there is something to do, or when its time is over") {
  std::array<int, 2> ends{};
  REQUIRE(::pipe(ends.data()) == 0);
  const Fd reader(ends[0]);
  Fd writer(ends[1]);
  CHECK(wait_for(reader.get(), POLLIN, 0ms).value() == Ready::no);
  CHECK(wait_for(writer.get(), POLLOUT, std::nullopt).value() == Ready::yes);

  REQUIRE(::write(writer.get(), "x", 1) == 1);
  CHECK(wait_for(reader.get(), POLLIN, std::nullopt).value() == Ready::yes);
  writer.reset();
  CHECK(wait_for(reader.get(), POLLIN, 30s).value() == Ready::yes);
  CHECK(wait_for(-1, POLLIN, 1ms).value() == Ready::no);
}
