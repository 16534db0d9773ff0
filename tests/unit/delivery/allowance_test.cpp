// SPDX-License-Identifier: MIT
#include "libcore/delivery/allowance.hpp"

#include <memory>
#include <string>
#include <vector>

#include <doctest/doctest.h>

#include "libcore/queue/layout.hpp"
#include "tests/fakes/delivery.hpp"
#include "tests/fakes/fake_calendar.hpp"
#include "tests/fakes/fake_clock.hpp"
#include "tests/fakes/temp_dir.hpp"

using namespace core::delivery;
using namespace std::chrono_literals;
using core::ByteCount;
using fakes::always;
using fakes::answer;
namespace netstate = core::netstate;
namespace path = core::queue::path;

namespace {

struct World {
  fakes::TempDir directory;
  fakes::FakeClock clock;
  fakes::FakeCalendar calendar;
  fakes::FakeRandom random;
  core::sys::RealFiles files = core::sys::RealFiles::at(directory.path()).value();
  core::config::BudgetConfig limits;
  std::vector<std::string> warnings;

  std::unique_ptr<SharedAllowance> allowance() {
    return std::make_unique<SharedAllowance>(
        files, clock, calendar, random, limits,
        [this](const std::string& message) { warnings.push_back(message); });
  }
  [[nodiscard]] std::uint64_t spent() {
    netstate::Budget budget(files, clock, calendar, random, limits);
    const auto account = budget.account().value();
    std::uint64_t bytes = 0;
    for (const auto& [name, days] : account.networks) {
      for (const auto& [day, sum] : days)
        bytes += sum.of(netstate::Purpose::delivery);
    }
    return bytes;
  }
  [[nodiscard]] std::size_t reservations() {
    netstate::Budget budget(files, clock, calendar, random, limits);
    return budget.account().value().reservations.size();
  }
};

bool may(SharedAllowance& allowance, std::uint64_t size, Priority priority = Priority::normal) {
  return !allowance.take(ByteCount{size}, priority).value().has_value();
}

// So many bytes in all, and none of them comes back.
class Purse final : public Allowance {
 public:
  core::Result<std::optional<NetworkHold>> take(ByteCount size, Priority priority) override {
    const bool is_enough = priority == Priority::critical || size.value <= left;
    if (!is_enough) return NetworkHold{.why = "nothing left", .until = {}, .end = "there is more"};
    if (priority == Priority::normal) left -= size.value;
    return std::nullopt;
  }
  core::Result<core::Duration> pace(ByteCount) override { return std::exchange(wait, {}); }
  void give_back(ByteCount, ByteCount bytes) override { spent += bytes.value; }

  std::uint64_t left = 0;
  std::uint64_t spent = 0;
  core::Duration wait{};
};

struct Sending : fakes::Delivery {
  Sending() : Delivery(always(answer(200))) { Delivery::allowance = &purse; }
  Purse purse;
};

}  // namespace

TEST_CASE("without limits nothing is kept where nobody runs netwatch") {
  World world;
  auto allowance = world.allowance();
  CHECK(may(*allowance, 1U << 30U));
  allowance->give_back(ByteCount{1U << 30U}, ByteCount{5});
  allowance.reset();
  CHECK_FALSE(world.files.status(path::k_netwatch).value().has_value());
}

TEST_CASE("without limits bytes are counted where somebody runs netwatch, once a second") {
  World world;
  REQUIRE(world.files.make_directory(path::k_netwatch).has_value());
  auto allowance = world.allowance();
  world.clock.advance(2s);
  allowance->give_back(ByteCount{0}, ByteCount{5});
  CHECK(world.spent() == 5);
  allowance->give_back(ByteCount{0}, ByteCount{7});
  CHECK(world.spent() == 5);
  allowance.reset();
  CHECK(world.spent() == 12);
}

TEST_CASE("what is taken is reserved, and what was spent is counted at the end") {
  World world;
  world.limits.daily = ByteCount{1000};
  world.limits.reserve = ByteCount{200};
  auto allowance = world.allowance();
  CHECK(may(*allowance, 500));
  CHECK(world.reservations() == 1);
  CHECK(may(*allowance, 300));
  const auto hold = allowance->take(ByteCount{1}, Priority::normal).value();
  REQUIRE(hold.has_value());
  CHECK(hold->why.find("budget.daily") != std::string::npos);
  CHECK(hold->until > world.clock.now());
  CHECK(may(*allowance, 150, Priority::critical));
  CHECK_FALSE(may(*allowance, 100, Priority::critical));

  for (const auto size : {500, 300, 150})
    allowance->give_back(ByteCount{static_cast<std::uint64_t>(size)}, ByteCount{100});
  allowance->end_run();
  CHECK(world.spent() == 300);
  CHECK(world.reservations() == 0);
  CHECK(may(*allowance, 500));
  CHECK(world.warnings.empty());
}

TEST_CASE("many small ones are reserved together") {
  World world;
  world.limits.daily = ByteCount{10'000'000};
  auto allowance = world.allowance();
  REQUIRE(may(*allowance, 1000));
  const auto before = world.files.status(path::k_netwatch_budget).value()->inode;
  const auto stamp = world.files.status("netwatch/budget.json").value()->ctime_ns;
  for (int i = 0; i < 200; ++i)
    REQUIRE(may(*allowance, 1000));
  CHECK(world.files.status(path::k_netwatch_budget).value()->inode == before);
  CHECK(world.files.status("netwatch/budget.json").value()->ctime_ns == stamp);
}

TEST_CASE("what is over budget stays pending, and what is critical or smaller goes on") {
  Sending world;
  world.purse.left = 1200;
  auto large = fakes::draft_of();
  large.request->url = "https://a.test/large";
  large.payload = "\"" + std::string(2000, 'x') + "\"";
  const auto first = world.enqueue(large);
  world.enqueue("https://a.test/small");
  large.critical = true;
  large.request->url = "https://a.test/critical";
  world.enqueue(large);
  world.enqueue("http://localhost/here");
  const auto summary = world.run();
  CHECK(world.entry(first).state() == core::queue::State::pending);
  CHECK(world.entry(first).attempts == 0);
  REQUIRE(summary.budget.has_value());
  CHECK(summary.delivered == 3);
  CHECK(summary.waiting_for_budget == 1);
}

TEST_CASE("what has to wait for its turn is sent when it has come") {
  Sending world;
  world.purse.left = 1U << 20U;
  world.purse.wait = 10s;
  world.enqueue("https://a.test/1");
  world.enqueue("https://a.test/2");
  int looks = 0;
  Observer observer;
  observer.look_again = [&]() -> core::Result<bool> {
    if (++looks == 3) {
      CHECK(world.http.requests().empty());
      world.clock.advance(10s);
    }
    return looks == 2;  // a new round does not send it a second time
  };
  CHECK(world.run({}, std::move(observer)).delivered == 2);
  CHECK(world.http.requests().size() == 2);
  CHECK(looks >= 3);
}

TEST_CASE("a run that is ended does not send what waits for its turn") {
  Sending world;
  world.purse.left = 1U << 20U;
  world.purse.wait = 10s;
  world.enqueue("https://a.test/1");
  int asked = 0;
  Observer observer;
  observer.should_stop = [&asked] { return ++asked > 20; };
  const auto summary = world.run({}, std::move(observer));
  CHECK(summary.stopped);
  CHECK(world.http.requests().empty());
}
