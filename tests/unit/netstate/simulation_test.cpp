// SPDX-License-Identifier: MIT
// The bars of loss and of bytes, and the matrix of what a network can do to a machine.
#include "libcore/netstate/simulation.hpp"

#include <string>

#include <doctest/doctest.h>

namespace netstate = core::netstate;
using netstate::Reason;
using netstate::Scenario;
using netstate::SimulationOutcome;
using netstate::State;
using std::chrono::hours;
using std::chrono::milliseconds;
using std::chrono::minutes;
using std::chrono::seconds;

namespace {

const std::string k_basic = R"(
network:
  basic: [tcp://192.0.2.1:443, dns://192.0.2.53, http://probe.example.org/204]
)";
const std::string k_with_api = k_basic + "  check: [https://api.example.com/health]\n";
const std::string k_both_families = R"(
network:
  basic: [tcp://192.0.2.1:443, "tcp://[2001:db8::1]:443"]
  check: [https://api.example.com/health]
start: {address: [v4, v6], route: [v4, v6]}
)";

Scenario scenario(const std::string& text) {
  auto scenario = netstate::parse_scenario(text, "test.yaml");
  REQUIRE_MESSAGE(scenario.has_value(), (scenario ? "" : scenario.error().message));
  return *std::move(scenario);
}

SimulationOutcome run(const std::string& text, std::uint64_t seed = 1) {
  return netstate::simulate(scenario(text), seed);
}

// "connected no-api-configured, disconnected no-link", in order.
std::string story(const SimulationOutcome& outcome) {
  std::string text;
  for (const auto& change : outcome.changes) {
    if (!text.empty()) text += ", ";
    text += std::string(core::name_of(change.verdict.state)) + " " +
            std::string(core::name_of(change.verdict.reason));
  }
  return text;
}

}  // namespace

TEST_CASE("20 % loss: no false disconnected in a thousand hours, and at 10 % no false hook") {
  auto lossy = scenario(k_basic + "start: {loss: 20%}\n");
  auto less_lossy = scenario(k_basic + "start: {loss: 10%}\n");
  int false_alarms = 0;
  int false_hooks = 0;
  for (std::uint64_t seed = 0; seed < 1000; ++seed) {
    const auto outcome = netstate::simulate(lossy, seed);
    false_alarms += outcome.count(State::disconnected) + outcome.count(State::limited);
    false_hooks += static_cast<int>(netstate::simulate(less_lossy, seed).hooks.size()) - 1;
  }
  CHECK(false_alarms == 0);
  CHECK(false_hooks == 0);
}

TEST_CASE("an idle day costs 1.6 MB, and 30 kB where bytes cost money") {
  const auto day = run(k_basic + "for: 24h\n");
  CHECK(day.bytes <= 1'600'000);
  CHECK(day.rounds >= 1300);
  CHECK(day.changes.size() == 1);
  CHECK(day.wakes <= 2 * 24 * 60 * 2);

  const auto metered = run(k_basic + "for: 24h\nstart: {metered: yes}\n");
  CHECK(metered.bytes <= 30'000);
  CHECK(metered.rounds >= 90);
  CHECK(metered.changes.size() == 1);
}

TEST_CASE("a busy day costs nothing but the first question") {
  const auto day = run(k_basic + "for: 24h\nstart: {traffic: 5s}\n");
  CHECK(day.rounds <= 3);
  CHECK(day.changes.size() == 1);
}

TEST_CASE("own traffic that loses packets is no reason to look each time") {
  const auto lossy = run(k_basic + "for: 2h\nstart: {traffic: 2s, loss: 5%}\n");
  CHECK(lossy.rounds <= 60);
  CHECK(lossy.changes.size() == 1);
}

TEST_CASE("the same seed gives the same outcome") {
  const auto text = k_basic + "start: {loss: 40%}\n";
  CHECK(run(text, 7).bytes == run(text, 7).bytes);
  CHECK(run(text, 7).bytes != run(text, 8).bytes);
}

TEST_CASE("what a network does, and what is said of it") {
  struct {
    const char* what;
    std::string text;
    const char* story;
  } const rows[] = {
      {"carrier lost", k_basic + "events: [{at: 5m, link: down}, {at: 6m, link: up}]",
       "connected no-api-configured, disconnected no-link, connected no-api-configured"},
      {"default route deleted", k_basic + "events: [{at: 5m, route: none}, {at: 6m, route: v4}]",
       "connected no-api-configured, disconnected no-route, connected no-api-configured"},
      {"address lost with the link up",
       k_basic + "events: [{at: 5m, address: none}, {at: 6m, address: v4}]",
       "connected no-api-configured, disconnected no-addr, connected no-api-configured"},
      {"v6 is a black hole", k_both_families + "events: [{at: 5m, black_hole: v6}]\n" + "for: 2h",
       "connected ok, connected ok-v4-only"},
      {"v4 goes, v6 stays", k_both_families + "events: [{at: 5m, route: v6}]",
       "connected ok, connected ok-v6-only"},
      {"a portal, and a login", k_basic + "start: {portal: on}\nevents: [{at: 5m, portal: off}]",
       "connected no-api-configured, limited portal, connected no-api-configured"},
      {"a portal that the API finds first",
       k_with_api + "start: {portal: on}\nevents: [{at: 5m, portal: off}]",
       "limited api-timeout, limited portal, connected ok-v4-only"},
      {"names lead into the own network",
       k_with_api + "start: {dns: hijacked}\nevents: [{at: 5m, dns: ok}]",
       "limited dns-hijack, connected ok-v4-only"},
      {"name servers are silent", k_with_api + "events: [{at: 5m, dns: silent}]",
       "connected ok-v4-only, limited dns-failure"},
      {"name servers are silent, and nobody asked for an API",
       k_basic + "start: {dns: silent}\nevents: [{at: 5m, dns: ok}]",
       "connected no-api-configured, limited dns-failure, connected no-api-configured"},
      {"name servers fall silent, and nobody asked for an API",
       k_basic + "events: [{at: 20m, dns: silent}]",
       "connected no-api-configured, limited dns-failure"},
      {"name servers refuse", k_with_api + "events: [{at: 5m, dns: refused}]",
       "connected ok-v4-only, limited dns-failure"},
      {"upstream dropped", k_basic + "events: [{at: 5m, upstream: silent}, {at: 9m, upstream: ok}]",
       "connected no-api-configured, disconnected probe-timeout, connected no-api-configured"},
      {"everything is reset", k_basic + "events: [{at: 5m, upstream: refused}]",
       "connected no-api-configured, disconnected probe-timeout"},
      {"the API alone is down", k_with_api + "events: [{at: 5m, api: timeout}]",
       "connected ok-v4-only, limited api-timeout"},
      {"the API reports errors", k_with_api + "events: [{at: 5m, api: 500}, {at: 9m, api: 200}]",
       "connected ok-v4-only, limited api-5xx, connected ok-v4-only"},
      {"the API turns away", k_with_api + "events: [{at: 5m, api: 401}, {at: 9m, api: 429}]",
       "connected ok-v4-only"},
      {"a certificate has expired", k_with_api + "events: [{at: 5m, api: certificate-time}]",
       "connected ok-v4-only, limited api-tls"},
      {"the clock is wrong",
       k_with_api + "events: [{at: 5m, api: certificate-time, clock: doubtful}]",
       "connected ok-v4-only, limited clock-skew"},
      {"one of three endpoints is down", k_basic + "start: {silent: tcp://192.0.2.1:443}",
       "connected no-api-configured"},
      {"a satellite", k_basic + "start: {rtt: 600ms}", "connected no-api-configured"},
      {"a slow line", k_with_api + "start: {rtt: 1100ms}", "limited api-timeout"},
      {"another way out", k_basic + "events: [{at: 5m, interface: tun0}]",
       "connected no-api-configured, connected no-api-configured"},
      {"sleep through a change of place",
       k_basic + "events: [{at: 5m, sleep: 20m}, {at: 10m, link: down}, {at: 30m, link: up}]",
       "connected no-api-configured, disconnected no-link, connected no-api-configured"},
      {"without endpoints", "events: [{at: 5m, link: down}]",
       "connected not-probed, disconnected no-link"},
  };
  for (const auto& row : rows) {
    CAPTURE(row.what);
    CHECK(story(run(row.text)) == row.story);
  }
}

TEST_CASE("a silent drop is known within an interval and three and a half seconds") {
  const std::string text = R"(
network:
  basic: [tcp://192.0.2.1:443, tcp://192.0.2.2:443, tcp://192.0.2.3:443]
  interval: 2s
events: [{at: 60s, upstream: silent}]
for: 2m
)";
  for (std::uint64_t seed = 0; seed < 50; ++seed) {
    const auto outcome = run(text, seed);
    REQUIRE(outcome.changes.size() == 2);
    CHECK(outcome.changes[1].at - seconds{60} <= milliseconds{2200 + 3500});
  }
}

TEST_CASE("a silent drop under traffic is known within three seconds") {
  const std::string text = R"(
network:
  basic: [tcp://192.0.2.1:443, tcp://192.0.2.2:443, tcp://192.0.2.3:443]
start: {traffic: 200ms}
events: [{at: 100s, upstream: silent}]
for: 3m
)";
  for (std::uint64_t seed = 0; seed < 50; ++seed) {
    const auto outcome = run(text, seed);
    REQUIRE(outcome.changes.size() == 2);
    CHECK(outcome.changes[1].at - seconds{100} <= seconds{3});
  }
}

TEST_CASE("a line that comes back is found within a minute, and a link at once") {
  const auto line =
      run(k_basic + "events: [{at: 5m, upstream: silent}, {at: 40m, upstream: ok}]\nfor: 50m\n");
  REQUIRE(line.changes.size() == 3);
  CHECK(line.changes[2].at - minutes{40} <= seconds{70});
  const auto link = run(k_basic + "events: [{at: 5m, link: down}, {at: 40m, link: up}]\n");
  REQUIRE(link.changes.size() == 3);
  CHECK(link.changes[1].at == minutes{5});
  CHECK(link.changes[2].at - minutes{40} <= milliseconds{50});
}

TEST_CASE("a link that flaps is told as it is, and hooks wait until it is quiet") {
  std::string text = k_basic + "events:\n";
  for (int i = 0; i < 10; ++i) {
    text += "  - {at: " + std::to_string(300 + (6 * i)) + "s, link: down}\n";
    text += "  - {at: " + std::to_string(303 + (6 * i)) + "s, link: up}\n";
  }
  const auto outcome = run(text);
  CHECK(outcome.count(State::disconnected) == 10);
  CHECK(outcome.hooks.size() == 5);
  CHECK(outcome.hooks.back().state == State::connected);
  CHECK_FALSE(outcome.changes.back().is_flapping);
}

TEST_CASE("a delivery by a sibling lifts, and its failure asks for a look") {
  const auto lifted = run(k_with_api + R"(
start: {upstream: silent}
events: [{at: 10m, upstream: ok, sibling: delivered}]
)");
  CHECK(lifted.changes.back().at == minutes{10});
  const auto failed = run(k_basic + R"(
events: [{at: 330s, upstream: refused, sibling: failed}]
for: 6m
)");
  REQUIRE(failed.changes.size() == 2);
  CHECK(failed.changes[1].at - seconds{330} <= seconds{6});
}
