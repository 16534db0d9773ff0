// SPDX-License-Identifier: MIT
#include "libcore/delivery/network.hpp"

#include <string>
#include <vector>

#include <doctest/doctest.h>

#include "libcore/delivery/published_network.hpp"
#include "libcore/net/ip_address.hpp"
#include "libcore/queue/layout.hpp"
#include "libcore/sys/files.hpp"
#include "tests/fakes/fake_clock.hpp"
#include "tests/fakes/temp_dir.hpp"

using namespace std::chrono_literals;
namespace delivery = core::delivery;
namespace netstate = core::netstate;
namespace path = core::queue::path;
using netstate::Mode;
using netstate::Reason;
using netstate::State;

namespace {

struct World {
  fakes::TempDir directory;
  fakes::FakeClock clock;
  core::sys::RealFiles files = core::sys::RealFiles::at(directory.path()).value();
  std::vector<std::string> warnings;

  [[nodiscard]] netstate::Published line(State state, Mode mode, Reason reason) const {
    return {.state = state,
            .mode = mode,
            .generation = 1,
            .since = clock.now() - 5min,
            .valid_until = clock.now() + 2min,
            .interface = "eth0",
            .reason = reason,
            .by = netstate::Author::check};
  }
  [[nodiscard]] netstate::Reading reading(State state, Mode mode, Reason reason) const {
    return {.line = line(state, mode, reason),
            .freshness = netstate::Freshness::fresh,
            .override_ = {}};
  }
  delivery::PublishedNetwork network() {
    return {files, clock, [this](const std::string& message) { warnings.push_back(message); }};
  }
  void make_netwatch() { REQUIRE(files.make_directory(path::k_netwatch).has_value()); }
  [[nodiscard]] std::string reports() const {
    return core::sys::read_file(files, path::k_netwatch_reports, core::ByteCount{4096})
        .value()
        .value_or("");
  }
};

}  // namespace

TEST_CASE("nothing leaves the machine while the mode is offline, and the reason is told") {
  const World world;
  const auto view = delivery::view_of(
      world.reading(State::disconnected, Mode::offline, Reason::no_route), std::nullopt);
  REQUIRE(view.hold.has_value());
  CHECK(view.hold->why == "the network is disconnected (no-route)");
  CHECK(view.hold->until == world.clock.now() + 2min);
  CHECK(view.changes_at == world.clock.now() + 2min);
  CHECK_FALSE(view.online_since.has_value());
}

TEST_CASE("a limited network is what the mode says it is") {
  const World world;
  CHECK(delivery::view_of(world.reading(State::limited, Mode::offline, Reason::portal), {}).hold);
  const auto view =
      delivery::view_of(world.reading(State::limited, Mode::online, Reason::api_5xx), {});
  CHECK_FALSE(view.hold);
  CHECK(view.online_since == world.clock.now() - 5min);
  CHECK_FALSE(view.connected_at);
}

TEST_CASE("a mode that somebody set goes before the state, and tells who it was") {
  const World world;
  auto reading = world.reading(State::connected, Mode::online, Reason::ok);
  reading.override_ = netstate::Override{.mode = Mode::offline,
                                         .since = world.clock.now(),
                                         .until = world.clock.now() + 1min,
                                         .by = "anna",
                                         .reason = "plane",
                                         .boot = {}};
  auto view = delivery::view_of(reading, world.clock.now());
  REQUIRE(view.hold.has_value());
  CHECK(view.hold->why == "mode set by anna: plane");
  CHECK(view.hold->until == world.clock.now() + 1min);
  CHECK(view.changes_at == world.clock.now() + 1min);

  reading = world.reading(State::disconnected, Mode::offline, Reason::no_link);
  reading.override_ =
      netstate::Override{.mode = Mode::online, .since = world.clock.now(), .by = "anna"};
  view = delivery::view_of(reading, {});
  CHECK_FALSE(view.hold);
  CHECK(view.online_since == world.clock.now());
}

TEST_CASE("what nobody knows holds nothing up") {
  const World world;
  for (const auto freshness :
       {netstate::Freshness::absent, netstate::Freshness::expired, netstate::Freshness::dead}) {
    auto reading = world.reading(State::disconnected, Mode::offline, Reason::no_link);
    reading.freshness = freshness;
    const auto view = delivery::view_of(reading, world.clock.now());
    CHECK_FALSE(view.hold);
    CHECK_FALSE(view.online_since);
    CHECK_FALSE(view.connected_at);
  }
}

TEST_CASE("connected counts as found out only when somebody was asked") {
  const World world;
  const auto now = world.clock.now();
  CHECK(delivery::view_of(world.reading(State::connected, Mode::online, Reason::ok), now)
            .connected_at == now);
  CHECK(delivery::view_of(world.reading(State::connected, Mode::online, Reason::ok), now)
            .connected_since == now - 5min);
  CHECK_FALSE(
      delivery::view_of(world.reading(State::connected, Mode::online, Reason::not_probed), now)
          .connected_at);
}

TEST_CASE("destinations on this machine are told by their names alone") {
  for (const char* here : {"http://127.0.0.1:8787", "http://127.9.9.9:1", "http://[::1]:80",
                           "https://localhost:443", "http://api.localhost:80"})
    CHECK_MESSAGE(core::net::is_on_this_machine(here), here);
  for (const char* elsewhere : {"http://10.0.0.1:80", "https://localhost.example.com:443",
                                "https://mylocalhost:443", "http://[fe80::1]:80", "type:note", ""})
    CHECK_FALSE_MESSAGE(core::net::is_on_this_machine(elsewhere), elsewhere);
}

TEST_CASE("what is published is read, and a file that is damaged is warned of once") {
  World world;
  fakes::write_text(world.directory / path::k_network, "nonsense\n");
  {
    auto network = world.network();
    CHECK_FALSE(network.look().hold);
    CHECK_FALSE(network.look().hold);
    CHECK(world.warnings.size() == 1);
  }
  fakes::write_text(world.directory / path::k_network,
                    format_published(world.line(State::connected, Mode::online, Reason::ok)));
  auto network = world.network();
  CHECK(network.look().connected_at.has_value());
}

TEST_CASE("what is seen is reported at once, then once a second, and the rest at the end") {
  World world;
  world.make_netwatch();
  {
    auto network = world.network();
    network.delivered("https://a.test:443");
    const auto first = world.reports();
    CHECK(first.find("a.test") != std::string::npos);
    world.clock.advance(500ms);
    network.delivered("https://b.test:443");
    CHECK(world.reports() == first);
    world.clock.advance(500ms);
    network.delivered("https://c.test:443");
    CHECK(world.reports().find("c.test") != std::string::npos);
    network.failed("https://d.test:443", "resolve");
    CHECK(world.reports().find("d.test") == std::string::npos);
  }
  CHECK(world.reports().find(R"("failed_to":"https://d.test:443","failure":"resolve")") !=
        std::string::npos);
  CHECK(world.warnings.empty());
}

TEST_CASE("nothing is reported where nobody runs netwatch") {
  World world;
  {
    auto network = world.network();
    network.failed("https://a.test:443", "connect");
  }
  CHECK_FALSE(world.files.status(path::k_netwatch).value().has_value());
  CHECK(world.warnings.empty());
}
