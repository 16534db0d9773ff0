// SPDX-License-Identifier: MIT
#include "libcore/net/api_prober.hpp"

#include <chrono>
#include <filesystem>
#include <fstream>
#include <string>
#include <vector>

#include <poll.h>

#include <doctest/doctest.h>

#include "libcore/sys/clock.hpp"
#include "libcore/sys/wait.hpp"
#include "tests/fakes/temp_dir.hpp"

using core::Duration;
using core::net::ApiProber;
using core::net::parse_api_target;
using core::net::ProbeLimits;
using core::net::ProbeOutcome;
using core::net::ProbeResult;
using core::net::StopAt;
using namespace std::chrono_literals;

namespace {

// A helper program that is a shell script.
class Helper {
 public:
  explicit Helper(const std::string& script) {
    std::ofstream(path()) << "#!/bin/sh\n" << script << '\n';
    std::filesystem::permissions(path(), std::filesystem::perms::owner_all);
  }
  [[nodiscard]] std::string path() const { return dir_ / "helper"; }
  [[nodiscard]] const fakes::TempDir& dir() const { return dir_; }

 private:
  fakes::TempDir dir_;
};

// Answers each URL on its input, the last one first.
const std::string k_answers =
    "echo \"$@\" > ${0%/*}/arguments\n"
    "tac | while read -r url; do\n"
    "  printf '{\"kind\":\"api\",\"endpoint\":\"%s\",\"outcome\":\"answered\",\"bytes\":7}\\n' "
    "$url\n"
    "done";

struct Round {
  std::vector<ProbeResult> results;
  Duration took{};
};

Round ask(core::sys::Children& children, const std::string& program,
          const std::vector<std::string>& urls, const ProbeLimits& limits = {}) {
  const core::sys::SystemClock clock;
  const auto prober = ApiProber::create(children, program).value();
  std::vector<core::net::ProbeTarget> targets;
  for (const auto& url : urls)
    targets.push_back(parse_api_target(url).value());
  const auto begin = clock.since_boot();
  REQUIRE(prober->start(targets, limits, StopAt::all, begin).has_value());
  while (!prober->is_done()) {
    const auto left = std::max(*prober->next() - clock.since_boot(), Duration{0});
    REQUIRE(core::sys::wait_for(prober->fd(), POLLIN, left).has_value());
    prober->advance(clock.since_boot());
    REQUIRE(clock.since_boot() - begin < 20s);
  }
  CHECK_FALSE(prober->next());
  return {.results = prober->results(), .took = clock.since_boot() - begin};
}

}  // namespace

TEST_CASE("answers are told in the order of the questions, whichever comes first") {
  core::sys::SystemChildren children;
  const Helper helper(k_answers);
  ProbeLimits limits;
  limits.whole = 2500ms;
  limits.interface = "eth7";
  limits.family = core::net::Family::v6;
  const auto round = ask(children, helper.path(),
                         {"https://a.example", "https://B.example/x", "https://a.example"}, limits);
  REQUIRE(round.results.size() == 3);
  for (const auto& result : round.results) {
    CHECK(result.outcome == ProbeOutcome::answered);
    CHECK(result.bytes == 7);
  }
  CHECK(round.results[0].endpoint == "https://a.example");
  CHECK(round.results[1].endpoint == "https://B.example/x");
  CHECK(fakes::read_text(helper.dir() / "arguments") == "--timeout 2500ms -6 --interface eth7\n");
}

TEST_CASE("a helper that hangs is killed, and what it has said until then counts") {
  core::sys::SystemChildren children;
  const Helper helper(
      "echo '{\"kind\":\"api\",\"endpoint\":\"https://a.example/\",\"outcome\":\"answered\"}'\n"
      "echo $$ > ${0%/*}/pid\n"
      "tail -f /dev/null");
  ProbeLimits limits;
  limits.whole = 3s;
  const auto round =
      ask(children, helper.path(), {"https://a.example/", "https://b.example/"}, limits);
  CHECK(round.results[0].outcome == ProbeOutcome::answered);
  CHECK(round.results[1].outcome == ProbeOutcome::timeout);
  CHECK(round.results[1].elapsed == 3s);
  CHECK(round.took < 20s);
}

TEST_CASE("a round that is given up is over, and what was said until then counts") {
  core::sys::SystemChildren children;
  const Helper helper(
      "echo '{\"kind\":\"api\",\"endpoint\":\"https://a.example/\",\"outcome\":\"answered\"}'\n"
      "tail -f /dev/null");
  const core::sys::SystemClock clock;
  const auto prober = ApiProber::create(children, helper.path()).value();
  prober->give_up();
  CHECK(prober->results().empty());
  REQUIRE(prober
              ->start({parse_api_target("https://a.example/").value(),
                       parse_api_target("https://b.example/").value()},
                      {}, StopAt::all, clock.since_boot())
              .has_value());
  REQUIRE(core::sys::wait_for(prober->fd(), POLLIN, 20s).has_value());
  prober->give_up();
  CHECK(prober->is_done());
  CHECK_FALSE(prober->next());
  CHECK(prober->results().at(0).outcome == ProbeOutcome::answered);
  CHECK(prober->results().at(1).outcome == ProbeOutcome::not_sent);
}

TEST_CASE("a helper that fails leaves its questions unsent") {
  core::sys::SystemChildren children;
  const Helper helper("echo nonsense; exit 1");
  const auto round = ask(children, helper.path(), {"https://a.example/"});
  CHECK(round.results.at(0).outcome == ProbeOutcome::not_sent);
  CHECK_FALSE(round.results.at(0).message.empty());
}

TEST_CASE("a helper that is not there is an error, and no questions need none") {
  core::sys::SystemChildren children;
  const auto prober = ApiProber::create(children, "/nothing/there").value();
  CHECK(prober->start({parse_api_target("https://a.example").value()}, {}, StopAt::all, 0s)
            .error()
            .code == core::Errc::not_found);
  CHECK(prober->is_done());
  prober->advance(1s);
  CHECK(prober->results().at(0).outcome == ProbeOutcome::not_sent);
  CHECK(prober->start({}, {}, StopAt::all, 0s).has_value());
  CHECK(prober->is_done());
}

TEST_CASE("a prober that goes takes its helper along, and a new round forgets the one before") {
  core::sys::SystemChildren children;
  const Helper hanging("mkfifo ${0%/*}/in; exec cat ${0%/*}/in");
  const auto target = parse_api_target("https://a.example").value();
  const core::sys::SystemClock clock;
  {
    const auto prober = ApiProber::create(children, hanging.path()).value();
    REQUIRE(prober->start({target}, {}, StopAt::all, clock.since_boot()).has_value());
    REQUIRE(prober->start({}, {}, StopAt::all, clock.since_boot()).has_value());
    CHECK(prober->is_done());
    CHECK(prober->results().empty());
    REQUIRE(prober->start({target}, {}, StopAt::all, clock.since_boot()).has_value());
  }
}
