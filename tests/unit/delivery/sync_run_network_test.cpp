// SPDX-License-Identifier: MIT
// Runs of delivery that know how the network is.

#include <algorithm>
#include <string>
#include <utility>
#include <vector>

#include <doctest/doctest.h>

#include "tests/fakes/delivery.hpp"

using namespace core::delivery;
using namespace std::chrono_literals;
using core::net::HttpFailure;
using core::queue::State;
using fakes::always;
using fakes::answer;
using fakes::failure;

namespace {

class FakeNetwork final : public Network {
 public:
  NetworkView look() override { return view; }
  void delivered(const std::string& destination) override { told.push_back("ok " + destination); }
  void failed(const std::string& destination, std::string_view why) override {
    told.push_back(std::string(why) + " " + destination);
  }
  void go_offline() {
    view = {};
    view.hold = NetworkHold{
        .why = "the network is disconnected (no-link)", .until = {}, .end = "it is back"};
  }

  NetworkView view;
  std::vector<std::string> told;
};

struct World : fakes::Delivery {
  explicit World(fakes::FakeHttp::Script script) : Delivery(std::move(script)) {
    Delivery::network = &state;
  }
  FakeNetwork state;
};

}  // namespace

TEST_CASE("offline nothing leaves the machine, and nobody is charged") {
  World world(always(answer(200)));
  const auto away = world.enqueue("https://a.test/1");
  const auto here = world.enqueue("http://127.0.0.1:8787/2");
  world.state.go_offline();
  const auto summary = world.run();
  CHECK(summary.delivered == 1);
  CHECK(summary.holds.empty());
  REQUIRE(summary.network.has_value());
  CHECK(summary.network->why == "the network is disconnected (no-link)");
  CHECK(summary.waiting_for_network == 1);
  CHECK(world.entry(here).state() == State::synced);
  CHECK(world.entry(away).state() == State::pending);
  CHECK(world.entry(away).attempts == 0);
  CHECK(world.breakers->all().empty());
}

TEST_CASE("offline, a type whose route leads away waits as well") {
  World world(always(answer(200)));
  world.config.endpoints["api"].url = "https://a.test";
  world.config.types["note"].endpoint = "api";
  world.config.types["note"].path = "/n";
  auto draft = fakes::draft_of();
  draft.type = "note";
  draft.request.reset();
  world.enqueue(draft);
  world.state.go_offline();
  const auto summary = world.run();
  CHECK(summary.delivered == 0);
  CHECK(summary.waiting_for_network == 1);
  CHECK(world.http.requests().empty());
}

TEST_CASE("offline, a run that has nothing to send is done") {
  World world(always(answer(200)));
  world.state.go_offline();
  CHECK_FALSE(world.run().network.has_value());
}

TEST_CASE("force sends without a network") {
  World world(always(answer(200)));
  world.enqueue("https://a.test/1");
  world.state.go_offline();
  const auto summary = world.run({.force = true});
  CHECK(summary.delivered == 1);
  CHECK_FALSE(summary.network.has_value());
}

TEST_CASE("a run that becomes offline sends no more, and one that comes online goes on") {
  World world(always(answer(200)));
  world.enqueue("https://a.test/1", "lane");
  world.enqueue("https://a.test/2", "lane");
  Observer observer;
  observer.on_report = [&](const Report&) {
    world.state.go_offline();
    world.clock.advance(1s);
  };
  auto summary = world.run({}, observer);
  CHECK(summary.delivered == 1);
  CHECK(summary.waiting_for_network == 1);

  bool is_told = false;
  observer.on_report = {};
  observer.look_again = [&]() -> core::Result<bool> {
    world.state.view = {};
    return !std::exchange(is_told, true);
  };
  summary = world.run({}, std::move(observer));
  CHECK(summary.delivered == 1);
  CHECK_FALSE(summary.network.has_value());
}

TEST_CASE("what was held for want of a network is tried when the network is back") {
  World world(always(failure(HttpFailure::resolve)));
  world.enqueue("https://a.test/1");
  CHECK(world.run().holds.size() == 1);
  CHECK(world.run().holds.size() == 1);
  CHECK(world.http.requests().size() == 1);

  world.clock.advance(100ms);
  world.state.view.online_since = world.clock.now() - 1h;
  world.run();
  CHECK(world.http.requests().size() == 1);
  world.state.view.online_since = world.clock.now();
  world.run();
  CHECK(world.http.requests().size() == 2);
}

TEST_CASE("what the server has held stays held when the network is back") {
  World world(always(answer(429, {}, {{"Retry-After", "60"}})));
  world.enqueue("https://a.test/1");
  world.run();
  world.clock.advance(100ms);
  world.state.view.online_since = world.clock.now();
  world.run();
  CHECK(world.http.requests().size() == 1);
}

TEST_CASE("what a portal has held is tried when netwatch has seen it go, or sees none for long") {
  World world(always(failure(HttpFailure::certificate)));
  world.enqueue("https://a.test/1");
  world.run();
  CHECK(world.http.requests().size() == 1);

  // Nobody has looked since, or too lately to have told a portal.
  world.clock.advance(100ms);
  world.state.view.connected_since = world.clock.now() - 1h;
  world.state.view.connected_at = world.clock.now();
  world.run();
  CHECK(world.http.requests().size() == 1);
  world.state.view.connected_since = world.clock.now();
  world.run();
  CHECK(world.http.requests().size() == 2);

  // The second hold is a longer one, and yet not as long.
  for (int i = 0; i < 7; ++i) {
    world.clock.advance(6min);
    world.run();
  }
  const auto tried = world.http.requests().size();
  world.clock.advance(20s);
  world.state.view.connected_at = world.clock.now();
  world.run();
  CHECK(world.http.requests().size() == tried);
  world.clock.advance(11s);
  world.state.view.connected_at = world.clock.now();
  world.run();
  CHECK(world.http.requests().size() == tried + 1);
}

TEST_CASE("an answer over a checked certificate, and a failure, are told to netwatch") {
  World world([](const core::net::HttpRequest& request) -> fakes::FakeHttp::Answer {
    if (request.url.find("dead") != std::string::npos) return failure(HttpFailure::resolve);
    if (request.url.find("portal") != std::string::npos)
      return answer(302, {}, {{"Location", "http://login.test/"}});
    return answer(request.url.ends_with("/broken") ? 500 : 200);
  });
  world.enqueue("https://a.test/1");
  world.enqueue("https://b.test/broken");
  world.enqueue("http://c.test/plain");
  world.enqueue("https://dead.test/1");
  world.enqueue("http://portal.test/1");
  world.enqueue("http://127.0.0.1/here");
  world.run({.concurrency = 1});
  std::ranges::sort(world.state.told);
  CHECK(world.state.told ==
        std::vector<std::string>{"ok https://a.test:443", "ok https://b.test:443",
                                 "resolve https://dead.test:443", "suspect http://portal.test:80"});
}

TEST_CASE("an expectation that looks inside vouches for a plain connection") {
  World world(always(answer(200, R"({"ok":true})")));
  auto draft = fakes::draft_of();
  draft.request->url = "http://a.test/1";
  draft.expect = R"({"json":{"/ok":true}})";
  world.enqueue(draft);
  world.run();
  CHECK(world.state.told == std::vector<std::string>{"ok http://a.test:80"});
}

TEST_CASE("a suspect answer is charged only after netwatch has looked and found all in order") {
  World world(always(failure(HttpFailure::certificate)));
  const auto id = world.enqueue("https://a.test/1");
  world.state.view.connected_at = world.clock.now();
  CHECK(world.run().holds.size() == 1);
  CHECK(world.state.told == std::vector<std::string>{"certificate https://a.test:443"});

  world.clock.advance(1min);
  CHECK(world.run().holds.size() == 1);
  CHECK(world.entry(id).attempts == 0);

  world.clock.advance(1min);
  world.state.view.connected_at = world.clock.now();
  const auto summary = world.run();
  CHECK(summary.holds.empty());
  CHECK(summary.retry == 1);
  CHECK(world.entry(id).attempts == 1);
}
