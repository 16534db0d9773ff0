// SPDX-License-Identifier: MIT
#include "libcore/netstate/budget.hpp"

#include <filesystem>
#include <thread>

#include <doctest/doctest.h>

#include "libcore/queue/layout.hpp"
#include "tests/fakes/fake_calendar.hpp"
#include "tests/fakes/fake_clock.hpp"
#include "tests/fakes/faulty_files.hpp"
#include "tests/fakes/temp_dir.hpp"

namespace netstate = core::netstate;
namespace path = core::queue::path;
using namespace std::chrono_literals;
using core::ByteCount;
using core::Errc;
using netstate::Answer;
using netstate::Priority;
using netstate::Purpose;

namespace {

const netstate::Network k_wlan{.name = "wlan0"};
constexpr const char* k_copy = "netwatch/budget.1.json";

struct World {
  fakes::TempDir directory;
  fakes::FakeClock clock;
  fakes::FakeCalendar calendar;
  fakes::FakeRandom random;
  core::sys::RealFiles real = core::sys::RealFiles::at(directory.path()).value();
  fakes::FaultyFiles files{real};
  core::config::BudgetConfig limits{.daily = ByteCount{100}, .reserve = ByteCount{20}};

  [[nodiscard]] netstate::Budget budget() { return {files, clock, calendar, random, limits}; }
  void spend(std::uint64_t bytes, Purpose purpose = Purpose::delivery) {
    CHECK(budget().spend(k_wlan, ByteCount{bytes}, purpose).has_value());
  }
  [[nodiscard]] std::uint64_t spent() {
    auto now = budget();
    return netstate::spent_since(now.account().value(), k_wlan.name, now.today()).total();
  }
  [[nodiscard]] Answer can_send(std::uint64_t bytes, Priority priority = Priority::normal) {
    return budget().can_send(k_wlan, ByteCount{bytes}, priority).value().answer;
  }
};

}  // namespace

TEST_CASE("a budget counts what is spent, for everybody who opens it") {
  World world;
  CHECK(world.can_send(80) == Answer::yes);
  world.spend(50);
  world.spend(10, Purpose::probe);

  CHECK(world.spent() == 60);
  CHECK(world.can_send(20) == Answer::yes);
  CHECK(world.can_send(21) == Answer::later);
  CHECK(world.can_send(40, Priority::critical) == Answer::yes);
}

TEST_CASE("asking writes nothing") {
  World world;
  CHECK(world.can_send(80) == Answer::yes);
  CHECK(!std::filesystem::exists(world.directory / "netwatch"));
}

TEST_CASE("a budget begins anew with the day of local time") {
  World world;  // 02:25 UTC
  world.spend(80);
  world.clock.advance(21h);
  CHECK(world.can_send(1) == Answer::later);
  world.clock.advance(1h);
  CHECK(world.can_send(80) == Answer::yes);
  // Set back over midnight: what was spent then was spent today.
  world.spend(30);
  world.clock.step(-1h);
  CHECK(world.spent() == 110);
}

TEST_CASE("in the night in which clocks are changed, a day has another length") {
  World world;
  world.calendar.offset = 1h;
  world.calendar.changes_at = core::parse_time("2126-03-31T01:00:00Z").value();
  world.calendar.offset_then = 2h;
  world.clock.set(core::parse_time("2126-03-30T23:30:00Z").value());
  world.spend(80);
  world.clock.advance(22h);
  CHECK(world.can_send(1) == Answer::later);
  world.clock.advance(30min);
  CHECK(world.can_send(80) == Answer::yes);
}

TEST_CASE("a network without limits may send, and is counted all the same") {
  World world;
  const netstate::Network free{.name = "eth0", .is_limited = false};
  auto budget = world.budget();
  CHECK(budget.spend(free, ByteCount{500}, Purpose::command).has_value());
  CHECK(budget.can_send(free, ByteCount{500}, Priority::normal).value().answer == Answer::yes);
  CHECK(netstate::spent_since(budget.account().value(), "eth0", budget.today())
            .of(Purpose::command) == 500);
}

TEST_CASE("what is reserved can be committed, more or less, or released") {
  World world;
  auto budget = world.budget();
  const auto reserved = budget.reserve(k_wlan, ByteCount{60}, Priority::normal, 5min).value();
  REQUIRE(reserved.reservation);
  CHECK(world.can_send(21) == Answer::later);
  CHECK(budget.reserve(k_wlan, ByteCount{30}, Priority::normal, 5min).value().permission.answer ==
        Answer::later);

  const auto committed =
      budget.commit(reserved.reservation->id, ByteCount{10}, Purpose::command).value();
  CHECK(committed.bytes == 60);
  CHECK(world.spent() == 10);
  CHECK(world.can_send(70) == Answer::yes);
  CHECK(budget.commit(committed.id, ByteCount{1}, Purpose::command).error().code ==
        Errc::not_found);
  const auto second = budget.reserve(k_wlan, ByteCount{30}, Priority::normal, 5min).value();
  CHECK(budget.release(second.reservation->id.substr(20)).has_value());
  CHECK(world.can_send(70) == Answer::yes);
  CHECK(world.spent() == 10);
}

TEST_CASE("a reservation whose time is over can be committed for a day") {
  World world;
  auto budget = world.budget();
  const auto id = budget.reserve(k_wlan, ByteCount{60}, Priority::normal, 5min).value();
  world.clock.advance(5min);
  CHECK(world.can_send(80) == Answer::yes);
  CHECK(budget.commit(id.reservation->id, ByteCount{10}, Purpose::other).has_value());
  CHECK(world.spent() == 10);
}

TEST_CASE("threads that spend at once lose nothing") {
  World world;
  constexpr int k_times = 50;
  const auto spend = [&] {
    auto files = core::sys::RealFiles::at(world.directory.path()).value();
    fakes::FakeRandom random;
    netstate::Budget budget(files, world.clock, world.calendar, random, world.limits);
    for (int i = 0; i < k_times; ++i)
      static_cast<void>(budget.spend(k_wlan, ByteCount{1}, Purpose::probe));
  };
  std::thread other(spend);
  spend();
  other.join();
  CHECK(world.spent() == 2 * k_times);
}

TEST_CASE("a file that is torn or gone is taken from the copy, and that is said once") {
  for (const bool is_torn : {true, false}) {
    World world;
    world.spend(30);
    world.clock.advance(1h);
    world.spend(12);
    world.clock.advance(1min);
    world.spend(1);
    const auto file = world.directory / path::k_netwatch_budget;
    if (is_torn) {
      std::filesystem::resize_file(file, 20);
    } else {
      std::filesystem::remove(file);
    }

    CHECK(world.spent() == 42);
    auto reader = world.budget();
    CHECK(reader.account().has_value());
    CHECK(reader.account().has_value());
    CHECK(reader.remarks().size() == 1);
    CHECK(reader.is_damaged() == is_torn);
    auto budget = world.budget();
    CHECK(budget.spend(k_wlan, ByteCount{5}, Purpose::delivery).has_value());
    const auto remarks = budget.remarks();
    REQUIRE(remarks.size() == 1);
    CHECK(remarks[0].find("2126-11-21T03:25") != std::string::npos);
    CHECK(budget.remarks().empty());
    CHECK(world.spent() == 47);
    CHECK(std::filesystem::exists(world.directory / "netwatch/budget.damaged") == is_torn);
  }
}

TEST_CASE("where file and copy are damaged, counts begin anew, and that is said") {
  World world;
  world.spend(30);
  fakes::write_text(world.directory / path::k_netwatch_budget, std::string(100, '\0'));
  fakes::write_text(world.directory / k_copy, "{");
  auto budget = world.budget();
  CHECK(budget.spend(k_wlan, ByteCount{5}, Purpose::delivery).has_value());
  CHECK(budget.remarks().size() == 1);
  CHECK(world.spent() == 5);
}

TEST_CASE("a file of a later version is left alone") {
  World world;
  std::filesystem::create_directory(world.directory / "netwatch");
  fakes::write_text(world.directory / path::k_netwatch_budget, "{\"v\":2}\n");
  CHECK(world.budget().spend(k_wlan, ByteCount{5}, Purpose::delivery).error().code == Errc::config);
  CHECK(fakes::read_text(world.directory / path::k_netwatch_budget) == "{\"v\":2}\n");
}

TEST_CASE("reset forgets everything, the copy too") {
  World world;
  world.spend(30);
  CHECK(world.budget().reset().has_value());
  std::filesystem::remove(world.directory / path::k_netwatch_budget);
  CHECK(world.spent() == 0);
}

TEST_CASE("whatever fails or crashes, a spend is counted once or not at all") {
  for (const auto fault : {fakes::Fault::error, fakes::Fault::crash}) {
    for (std::uint64_t n = 0;; ++n) {
      World world;
      world.spend(10);
      world.clock.advance(2h);
      world.files.arm(n, fault);
      const bool is_counted =
          world.budget().spend(k_wlan, ByteCount{5}, Purpose::delivery).has_value();
      const bool has_struck = world.files.has_struck();
      world.files.disarm();

      CAPTURE(n);
      CHECK(world.spent() == (is_counted ? 15 : 10));
      world.spend(1);
      CHECK(world.spent() == (is_counted ? 16 : 11));
      CHECK(world.budget().remarks().empty());
      if (!has_struck) break;
    }
  }
}

TEST_CASE("a rate is shared, and is not for networks without limits") {
  World world;
  world.limits.rate = ByteCount{100};
  auto budget = world.budget();
  CHECK(budget.pace(k_wlan, ByteCount{300}, {}).value() == 0ms);
  CHECK(world.budget().pace(k_wlan, ByteCount{100}, {}).value() == 2s);
  CHECK(budget.pace(k_wlan, ByteCount{100}, 1s).value() == std::nullopt);
  CHECK(budget.pace({.name = "eth0", .is_limited = false}, ByteCount{100}, 0s).value() == 0ms);
  world.clock.reboot("boot-2");
  CHECK(budget.pace(k_wlan, ByteCount{100}, 0s).value() == 0ms);
}

TEST_CASE("a network is named by its interface and gateway, a modem by its interface") {
  CHECK(netstate::network_name("wlan0", "10.0.0.1", "Caf\xC3\xA9\x1B") == "wlan0/Caf\xC3\xA9\\x1b");
  CHECK(netstate::network_name("wlan0", "10.0.0.1") == "wlan0/10.0.0.1");
  CHECK(netstate::network_name("eth0", "") == "eth0");
  CHECK(netstate::network_name("wwan0", "10.64.0.9") == "wwan0");
  CHECK(netstate::network_name("", "10.0.0.1") == "unknown");
}

TEST_CASE("the network in use is the one that is published") {
  World world;
  const auto publish = [&](const char* metered) {
    const auto now =
        std::chrono::floor<std::chrono::seconds>(world.clock.now()).time_since_epoch().count();
    fakes::write_text(world.directory / path::k_network,
                      "connected online 7 " + std::to_string(now) + " " + std::to_string(now + 60) +
                          " wlan9 metered=" + metered + " reason=ok by=check v=1\n");
  };
  publish("guess-yes");
  fakes::write_text(world.directory / path::k_network_document,
                    R"({"ladder":{"v4":{"interface":"wlan9","gateway":"10.0.0.1"}}})");
  const auto network = [&] { return netstate::network_of(world.files, world.clock, world.limits); };
  CHECK(network() == netstate::Network{.name = "wlan9/10.0.0.1", .is_limited = true});
  world.limits.on = core::config::BudgetOn::metered;
  CHECK(network().is_limited);
  publish("no");
  CHECK(!network().is_limited);
  publish("unknown");
  CHECK(!network().is_limited);
}
