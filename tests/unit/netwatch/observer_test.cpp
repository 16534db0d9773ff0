// SPDX-License-Identifier: MIT
#include "tools/netwatch/observer.hpp"

#include <chrono>
#include <string>
#include <vector>

#include <doctest/doctest.h>

#include "tests/fakes/fake_clock.hpp"

namespace net = core::net;
namespace netstate = core::netstate;
using core::Duration;
using core::Errc;
using namespace std::chrono_literals;
using netstate::Reason;
using netstate::State;
using Texts = std::vector<std::string>;

namespace {

const Texts k_nobody;

class FakeKernel final : public netwatch::Kernel {
 public:
  explicit FakeKernel(fakes::FakeClock& clock) : clock_(clock) {}

  [[nodiscard]] int fd() const override { return -1; }
  core::Result<bool> drain() override { return std::exchange(has_news, false); }
  [[nodiscard]] core::Result<net::LinkSnapshot> read() const override {
    ++reads;
    clock_.advance(cost);
    if (refusal) return tl::unexpected<core::Error>(*refusal);
    return snapshot;
  }
  [[nodiscard]] bool has_carrier(const std::string& /*interface*/) const override {
    ++looks;
    return sysfs_carrier;
  }
  [[nodiscard]] core::Result<std::optional<net::TcpEvidence>> traffic(
      std::span<const net::Address> /*own*/) const override {
    return evidence;
  }

  net::LinkSnapshot snapshot{
      .links = {{.index = 2, .name = "eth0", .kind = {}, .is_up = true, .has_carrier = true}},
      .addresses = {{.link = 2,
                     .family = net::Family::v4,
                     .text = "10.9.0.2",
                     .prefix = 24,
                     .is_global = true}},
      .routes = {{.link = 2, .family = net::Family::v4, .gateway = "10.9.0.1"}}};
  bool has_news = false;
  bool sysfs_carrier = true;
  Duration cost{};
  std::optional<core::Error> refusal;
  core::Result<std::optional<net::TcpEvidence>> evidence = std::optional<net::TcpEvidence>{};
  mutable int reads = 0;
  mutable int looks = 0;

 private:
  fakes::FakeClock& clock_;
};

// Answers when it is told to.
class FakeProber final : public net::Prober {
 public:
  core::Result<> start(std::vector<net::ProbeTarget> targets, const net::ProbeLimits& /*limits*/,
                       net::StopAt /*stop*/, Duration /*now*/) override {
    if (refusal) return tl::unexpected<core::Error>(*refusal);
    asked.push_back(std::move(targets));
    is_done_ = false;
    return {};
  }
  [[nodiscard]] int fd() const override { return -1; }
  [[nodiscard]] std::optional<Duration> next() const override { return std::nullopt; }
  void advance(Duration /*now*/) override {}
  void give_up() override {
    if (!is_done_) answer(net::ProbeOutcome::not_sent);
  }
  [[nodiscard]] bool is_done() const override { return is_done_; }
  [[nodiscard]] const std::vector<net::ProbeResult>& results() const override { return results_; }

  void answer(net::ProbeOutcome outcome) {
    results_.clear();
    for (const auto& target : asked.back()) {
      net::ProbeResult result;
      result.kind = target.kind;
      result.endpoint = target.name;
      result.family = net::Family::v4;
      result.outcome = outcome;
      result.elapsed = 20ms;
      result.bytes = 60;
      results_.push_back(std::move(result));
    }
    is_done_ = true;
  }

  std::vector<std::vector<net::ProbeTarget>> asked;
  std::optional<core::Error> refusal;

 private:
  bool is_done_ = true;
  std::vector<net::ProbeResult> results_;
};

struct World {
  fakes::FakeClock clock;
  fakes::FakeRandom random;
  FakeKernel kernel{clock};
  FakeProber basic;
  FakeProber api;
  Texts warnings;
  std::unique_ptr<netwatch::Observer> observer;

  explicit World(const std::vector<std::string>& endpoints = {"tcp://192.0.2.1:443"}) {
    core::config::NetworkConfig settings;
    settings.basic = endpoints;
    observer = netwatch::Observer::create(
                   {.clock = clock,
                    .random = random,
                    .kernel = kernel,
                    .basic = basic,
                    .api = api,
                    .warn = [this](const std::string& text) { warnings.push_back(text); }},
                   netwatch::observation_of(settings).value())
                   .value();
  }
  // Time passes until the observer wants it, and it gets it.
  void step() {
    const auto now = clock.since_boot();
    clock.advance(std::max(observer->next() - now, Duration{0}));
    observer->advance();
  }
  [[nodiscard]] std::string found() const {
    const auto& verdict = observer->monitor().verdict();
    if (!verdict) return "nothing";
    return std::string(core::name_of(verdict->state)) + " " +
           std::string(core::name_of(verdict->reason));
  }
};

}  // namespace

TEST_CASE("an observer reads the links first, and then asks who is configured") {
  World world;
  world.observer->advance();
  CHECK(world.kernel.reads == 1);
  REQUIRE(world.basic.asked.size() == 1);
  CHECK(world.basic.asked[0][0].name == "tcp://192.0.2.1:443");
  CHECK(world.api.asked.empty());
  CHECK(world.observer->monitor().is_deciding());

  world.basic.answer(net::ProbeOutcome::answered);
  world.observer->advance();
  CHECK(world.found() == "connected no-api-configured");
  CHECK_FALSE(world.observer->monitor().is_deciding());
}

TEST_CASE("an event has the links read at once, and they are read every five minutes anyway") {
  World world(k_nobody);
  world.observer->advance();
  CHECK(world.found() == "connected not-probed");
  world.kernel.snapshot.routes.clear();
  world.observer->advance();
  CHECK(world.found() == "connected not-probed");
  world.kernel.has_news = true;
  world.observer->advance();
  CHECK(world.found() == "disconnected no-route");

  const auto reads = world.kernel.reads;
  const auto begin = world.clock.since_boot();
  for (int i = 0; i < 100 && world.kernel.reads == reads; ++i)
    world.step();
  CHECK(world.clock.since_boot() - begin == 5min);
}

TEST_CASE(
    "after an event the carrier is looked at for a second, as netlink is late to tell of it") {
  World world(k_nobody);
  world.observer->advance();
  CHECK(world.kernel.looks == 0);
  world.kernel.has_news = true;
  world.observer->advance();
  world.step();
  CHECK(world.kernel.looks == 1);
  world.kernel.sysfs_carrier = false;
  world.kernel.snapshot.links[0].has_carrier = false;
  world.step();
  CHECK(world.found() == "disconnected no-link");

  const auto looks = world.kernel.looks;
  world.clock.advance(2s);
  world.observer->advance();
  world.observer->advance();
  CHECK(world.kernel.looks == looks);
}

TEST_CASE("a /sys of another network does not make a carrier go") {
  World world(k_nobody);
  world.kernel.sysfs_carrier = false;
  world.kernel.has_news = true;
  world.observer->advance();
  const auto reads = world.kernel.reads;
  world.step();
  CHECK(world.kernel.reads == reads + 1);
  CHECK(world.found() == "connected not-probed");
  world.step();
  CHECK(world.kernel.reads == reads + 1);
}

TEST_CASE("where reading the links takes long it is done less often") {
  World world(k_nobody);
  world.kernel.cost = 20ms;
  const auto begin = world.clock.since_boot();
  while (world.clock.since_boot() - begin < 10s) {
    world.kernel.has_news = true;
    world.clock.advance(1ms);
    world.observer->advance();
  }
  CHECK(world.kernel.reads <= 51);
  CHECK(world.kernel.reads >= 45);
}

TEST_CASE("where the kernel refuses to tell of links, that is said, and the rest goes on") {
  World world;
  world.kernel.refusal = core::Error{.code = Errc::denied, .message = "netlink: not permitted"};
  world.observer->advance();
  CHECK(world.warnings ==
        Texts{"netlink: not permitted: what the kernel knows of links is left out"});
  REQUIRE(world.basic.asked.size() == 1);
  world.basic.answer(net::ProbeOutcome::answered);
  world.observer->advance();
  CHECK(world.observer->monitor().verdict()->state == State::connected);
}

TEST_CASE("links that change too fast to be read are read again soon") {
  World world(k_nobody);
  world.kernel.refusal = core::Error{.code = Errc::later, .message = "it changes"};
  world.observer->advance();
  CHECK(world.found() == "nothing");
  CHECK(world.warnings.empty());
  world.kernel.refusal.reset();
  CHECK(world.observer->next() - world.clock.since_boot() <= 100ms);
  world.step();
  CHECK(world.found() == "connected not-probed");
}

TEST_CASE("what does not answer is asked three times before it is believed") {
  World world;
  world.observer->advance();
  world.basic.answer(net::ProbeOutcome::answered);
  world.observer->advance();
  world.clock.advance(70s);
  world.observer->advance();
  const auto begin = world.clock.since_boot();
  for (int round = 0; round < 3; ++round) {
    CHECK(world.found() == "connected no-api-configured");
    REQUIRE(world.basic.asked.size() == static_cast<std::size_t>(2 + round));
    world.basic.answer(net::ProbeOutcome::timeout);
    world.observer->advance();
    if (round < 2) world.step();
  }
  CHECK(world.found() == "disconnected probe-timeout");
  CHECK(world.clock.since_boot() - begin == 1500ms);
}

TEST_CASE("without a way out a round is given up, and the next way does not wait for it") {
  World world;
  world.observer->advance();
  REQUIRE(world.basic.asked.size() == 1);
  const auto routes = std::exchange(world.kernel.snapshot.routes, {});
  world.kernel.has_news = true;
  world.observer->advance();
  CHECK(world.found() == "disconnected no-route");
  CHECK(world.basic.is_done());
  CHECK(world.observer->take_cost().value == 60);
  CHECK_FALSE(world.observer->monitor().is_deciding());

  world.kernel.snapshot.routes = routes;
  world.kernel.has_news = true;
  world.step();
  REQUIRE(world.basic.asked.size() == 2);
  world.basic.answer(net::ProbeOutcome::answered);
  world.observer->advance();
  CHECK(world.found() == "connected no-api-configured");
}

TEST_CASE("a machine that slept has everything looked at again") {
  World world;
  world.observer->advance();
  world.basic.answer(net::ProbeOutcome::answered);
  world.observer->advance();
  const auto reads = world.kernel.reads;
  world.clock.advance(20s);
  world.observer->advance();
  CHECK(world.basic.asked.size() == 1);
  world.observer->awake();
  world.observer->advance();
  CHECK(world.kernel.reads == reads + 1);
  CHECK(world.basic.asked.size() == 2);
}

TEST_CASE("own traffic that cannot be seen is left out, and that is said once") {
  World world;
  world.kernel.evidence = core::fail(Errc::denied, "sock_diag: not permitted");
  world.observer->advance();
  world.basic.answer(net::ProbeOutcome::answered);
  world.observer->advance();
  world.clock.advance(70s);
  world.observer->advance();
  CHECK(world.warnings == Texts{"sock_diag: not permitted: the machine's own traffic is left out"});
}

TEST_CASE("an idle observer wants to be woken twice in a minute at most") {
  World world;
  world.observer->advance();
  world.basic.answer(net::ProbeOutcome::answered);
  world.observer->advance();
  const auto begin = world.clock.since_boot();
  int wakes = 0;
  while (world.clock.since_boot() - begin < 10min && wakes < 1000) {
    ++wakes;
    world.step();
    if (!world.basic.is_done()) {
      world.basic.answer(net::ProbeOutcome::answered);
      world.observer->advance();
    }
  }
  CHECK(wakes <= 20);
}
