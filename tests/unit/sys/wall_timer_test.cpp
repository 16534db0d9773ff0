// SPDX-License-Identifier: MIT
#include "libcore/sys/wall_timer.hpp"

#include <chrono>

#include <poll.h>

#include <doctest/doctest.h>

#include "libcore/sys/clock.hpp"
#include "libcore/sys/poll_set.hpp"
#include "libcore/sys/wait.hpp"

using core::sys::PollSet;
using core::sys::Ready;
using core::sys::wait_for;
using core::sys::WallTimer;
using namespace std::chrono_literals;

TEST_CASE("a timer rings once its moment has come, once for each") {
  const core::sys::SystemClock clock;
  auto timer = WallTimer::create();
  REQUIRE(timer.has_value());
  CHECK(timer->take() == WallTimer::Rang::no);

  const auto at = clock.now() + 20ms;
  REQUIRE(timer->set(at).has_value());
  CHECK(wait_for(timer->fd(), POLLIN, 30s).value() == Ready::yes);
  CHECK(clock.now() >= at);
  CHECK(timer->take() == WallTimer::Rang::yes);
  CHECK(timer->take() == WallTimer::Rang::no);

  REQUIRE(timer->set(clock.now() - 1h).has_value());
  CHECK(wait_for(timer->fd(), POLLIN, 30s).value() == Ready::yes);
  REQUIRE(timer->set(core::Time{}).has_value());  // a moment before all clocks is one that passed
  CHECK(wait_for(timer->fd(), POLLIN, 30s).value() == Ready::yes);
  REQUIRE(timer->set(clock.now() + 1h).has_value());
  CHECK(timer->take() == WallTimer::Rang::no);
}

TEST_CASE("a set of descriptors is readable while one of its members is") {
  const core::sys::SystemClock clock;
  auto one = WallTimer::create();
  auto other = WallTimer::create();
  auto set = PollSet::create();
  REQUIRE(set->add(one->fd()).has_value());
  REQUIRE(set->add(other->fd()).has_value());
  REQUIRE(set->add(-1).has_value());
  CHECK_FALSE(set->is_ready());

  REQUIRE(other->set(clock.now()).has_value());
  CHECK(wait_for(set->fd(), POLLIN, 30s).value() == Ready::yes);
  CHECK(set->is_ready());
  set->remove(other->fd());
  CHECK_FALSE(set->is_ready());
}
