// SPDX-License-Identifier: MIT
#include "libcore/netstate/reports.hpp"

#include <doctest/doctest.h>

#include "libcore/netstate/news.hpp"
#include "libcore/queue/layout.hpp"
#include "libcore/sys/files.hpp"
#include "tests/fakes/fake_clock.hpp"
#include "tests/fakes/temp_dir.hpp"

namespace netstate = core::netstate;
namespace path = core::queue::path;
using namespace std::chrono_literals;
using netstate::Question;
using netstate::Reports;
using netstate::Sighting;

namespace {

struct World {
  fakes::TempDir directory;
  fakes::FakeClock clock;
  core::sys::RealFiles files = core::sys::RealFiles::at(directory.path()).value();

  World() { REQUIRE(files.make_directory(path::k_netwatch).has_value()); }

  [[nodiscard]] Sighting seen(const char* where, const char* failure = "") const {
    return {.at = clock.now(), .destination = where, .failure = failure};
  }
  [[nodiscard]] Reports reports() const {
    const auto text =
        core::sys::read_file(files, path::k_netwatch_reports, core::ByteCount{4096}).value();
    return netstate::parse_reports(text.value_or(""));
  }
  [[nodiscard]] std::string asked() const {
    return core::sys::read_file(files, path::k_netwatch_ask, core::ByteCount{4096})
        .value()
        .value_or("");
  }
};

}  // namespace

TEST_CASE("reports are read as they were written") {
  const World world;
  const Reports both{.delivered = world.seen("https://a.test:443"),
                     .failed = world.seen("https://b.test:443", "resolve")};
  CHECK(netstate::parse_reports(netstate::format_reports(both)) == both);
  CHECK(netstate::parse_reports(netstate::format_reports({})) == Reports{});
}

TEST_CASE("reports that cannot be read tell nothing") {
  for (const char* text : {"", "{", "[]", "{}", R"({"delivered_at":"yesterday"})"})
    CHECK(netstate::parse_reports(text) == Reports{});
}

TEST_CASE("of each kind the newest report is kept, whoever made it") {
  World world;
  const auto early = world.seen("https://a.test:443");
  world.clock.advance(1s);
  const auto failed = world.seen("https://b.test:443", "connect");
  const auto late = world.seen("https://c.test:443");
  REQUIRE(netstate::report(world.files, {.delivered = late, .failed = {}}).has_value());
  REQUIRE(netstate::report(world.files, {.delivered = early, .failed = failed}).has_value());
  CHECK(world.reports() == Reports{.delivered = late, .failed = failed});
}

TEST_CASE("a failure asks netwatch to look, and a delivery does not") {
  World world;
  auto news = netstate::News::of(world.directory.path(), {}).value();
  REQUIRE(
      netstate::report(world.files, {.delivered = world.seen("https://a.test:443"), .failed = {}})
          .has_value());
  auto changes = news.take().value();
  CHECK(changes.reports);
  CHECK_FALSE(changes.ask);

  REQUIRE(netstate::report(world.files,
                           {.delivered = {}, .failed = world.seen("https://b.test:443", "tls")})
              .has_value());
  changes = news.take().value();
  CHECK(changes.reports);
  CHECK(changes.ask);
  CHECK(netstate::take_question(world.files).value() == Question{.since = {}, .is_lately = true});
}

TEST_CASE("whatever is asked is there until it is taken, and then nothing is") {
  World world;
  const Question lately{.since = {}, .is_lately = true};
  for (const auto& question : {lately, Question{.since = world.clock.now()}}) {
    REQUIRE(netstate::ask_to_look(world.files, question).value() == question);
    CHECK_FALSE(world.asked().empty());
    CHECK(netstate::take_question(world.files).value() == question);
    CHECK(world.asked().empty());
  }
}

TEST_CASE("of what several ask the newest moment counts, and somebody who wants to know lately") {
  World world;
  const auto early = world.clock.now();
  const auto late = early + 1s;
  REQUIRE(netstate::ask_to_look(world.files, {.since = late}).has_value());
  REQUIRE(netstate::ask_to_look(world.files, {.since = {}, .is_lately = true}).has_value());
  const Question all{.since = late, .is_lately = true};
  CHECK(netstate::ask_to_look(world.files, {.since = early}).value() == all);
  CHECK(netstate::take_question(world.files).value() == all);
}

TEST_CASE("a question that was taken is not taken for one that somebody else asks then") {
  World world;
  const auto first = netstate::ask_to_look(world.files, {.since = world.clock.now()}).value();
  CHECK(netstate::is_untaken(world.files, first).value());
  REQUIRE(netstate::ask_to_look(world.files, {.since = {}, .is_lately = true}).has_value());
  CHECK(netstate::is_untaken(world.files, first).value());

  REQUIRE(netstate::take_question(world.files).has_value());
  world.clock.advance(1s);
  const auto second = netstate::ask_to_look(world.files, {.since = world.clock.now()}).value();
  CHECK_FALSE(netstate::is_untaken(world.files, first).value());
  CHECK(netstate::is_untaken(world.files, second).value());
}
