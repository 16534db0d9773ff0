// SPDX-License-Identifier: MIT
#include "libcore/netstate/reading.hpp"

#include <doctest/doctest.h>

#include "libcore/queue/layout.hpp"
#include "libcore/sys/files.hpp"
#include "tests/fakes/fake_clock.hpp"
#include "tests/fakes/temp_dir.hpp"

namespace netstate = core::netstate;
namespace path = core::queue::path;

namespace {

struct World {
  fakes::TempDir directory;
  fakes::FakeClock clock;
  core::sys::RealFiles files = core::sys::RealFiles::at(directory.path()).value();

  World() { REQUIRE(files.make_directory(path::k_netwatch).has_value()); }

  void publish(netstate::Published line) const {
    fakes::write_text(directory / path::k_network, netstate::format_published(line));
  }
  [[nodiscard]] netstate::Published line(netstate::Author by = netstate::Author::check) const {
    return {.state = netstate::State::connected,
            .mode = netstate::Mode::online,
            .generation = 1,
            .since = clock.now(),
            .valid_until = clock.now() + std::chrono::minutes{2},
            .interface = "eth0",
            .reason = netstate::Reason::ok,
            .by = by};
  }
  void set(netstate::Override set) const {
    fakes::write_text(directory / path::k_netwatch_mode, netstate::format_override(set));
  }
  [[nodiscard]] netstate::Reading read() const {
    return netstate::read_network(files, clock).value();
  }
};

}  // namespace

TEST_CASE("nobody knows what nobody has published") {
  const World world;
  const auto reading = world.read();
  CHECK(reading.freshness == netstate::Freshness::absent);
  CHECK_FALSE(reading.state().has_value());
  CHECK_FALSE(reading.mode().has_value());
}

TEST_CASE("a line is believed until its time") {
  World world;
  world.publish(world.line());
  CHECK(world.read().state() == netstate::State::connected);
  CHECK(world.read().mode() == netstate::Mode::online);

  world.clock.advance(std::chrono::minutes{2});
  CHECK(world.read().freshness == netstate::Freshness::expired);
  CHECK_FALSE(world.read().state().has_value());
  CHECK_FALSE(world.read().mode().has_value());
}

TEST_CASE("a line from the future is not believed: the clock was set back") {
  World world;
  world.publish(world.line());
  world.clock.step(-std::chrono::hours{2});
  CHECK(world.read().freshness == netstate::Freshness::expired);
}

TEST_CASE("a daemon's line is believed while the daemon lives") {
  World world;
  world.publish(world.line(netstate::Author::daemon));
  CHECK(world.read().freshness == netstate::Freshness::dead);
  {
    const auto alive = world.files.lock(path::k_netwatch_lock, core::sys::Wait::no).value();
    REQUIRE(alive.is_open());
    CHECK(world.read().state() == netstate::State::connected);
  }
  CHECK_FALSE(world.read().state().has_value());
}

TEST_CASE("a mode that was set goes before what is published, and leaves the state alone") {
  World world;
  world.publish(world.line());
  world.set({.mode = netstate::Mode::offline,
             .since = world.clock.now(),
             .until = world.clock.now() + std::chrono::minutes{1},
             .by = "anna",
             .reason = {},
             .boot = {}});
  CHECK(world.read().mode() == netstate::Mode::offline);
  CHECK(world.read().state() == netstate::State::connected);

  world.clock.advance(std::chrono::minutes{1});
  CHECK(world.read().mode() == netstate::Mode::online);
}

TEST_CASE("a mode that is over is not believed of a line that does not say what comes after") {
  World world;
  auto line = world.line();
  line.state = netstate::State::limited;
  line.mode_until = world.clock.now() + std::chrono::minutes{1};
  world.publish(line);
  world.set({.mode = netstate::Mode::online,
             .since = world.clock.now(),
             .until = line.mode_until,
             .by = "anna",
             .reason = {},
             .boot = {}});
  CHECK(world.read().mode() == netstate::Mode::online);

  world.clock.advance(std::chrono::minutes{1});
  CHECK_FALSE(world.read().mode().has_value());
  CHECK(world.read().state() == netstate::State::limited);
}

TEST_CASE("a mode holds although nobody knows the state") {
  World world;
  world.set({.mode = netstate::Mode::online,
             .since = world.clock.now(),
             .until = {},
             .by = "anna",
             .reason = {},
             .boot = "boot-1"});
  CHECK(world.read().mode() == netstate::Mode::online);
  CHECK_FALSE(world.read().state().has_value());

  world.clock.reboot("boot-2");
  CHECK_FALSE(world.read().mode().has_value());
}

TEST_CASE("a file that is not what it should be is named") {
  World world;
  fakes::write_text(world.directory / path::k_network, "all is well\n");
  const auto reading = netstate::read_network(world.files, world.clock);
  REQUIRE_FALSE(reading.has_value());
  CHECK(reading.error().code == core::Errc::corrupt);
  CHECK(reading.error().message.find("/network: ") != std::string::npos);
}
