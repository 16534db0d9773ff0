// SPDX-License-Identifier: MIT
#include "libcore/netstate/scenario.hpp"

#include <string>

#include <doctest/doctest.h>

namespace netstate = core::netstate;
using netstate::Scenario;
using std::chrono::hours;
using std::chrono::milliseconds;
using std::chrono::minutes;
using std::chrono::seconds;

namespace {

Scenario parsed(const std::string& text) {
  auto scenario = netstate::parse_scenario(text, "day.yaml");
  REQUIRE_MESSAGE(scenario.has_value(), (scenario ? "" : scenario.error().message));
  return *std::move(scenario);
}

}  // namespace

TEST_CASE("a scenario has settings, a beginning and events that add to it") {
  const auto scenario = parsed(R"(
for: 2h
network:
  basic: [tcp://192.0.2.1:443, dns://192.0.2.53]
  check: [https://api.example.com/health, https://b.example.com/]
  need: all
  interval: 30s
  interval_metered: 10m
  timeout: 5s
  limited_is: online
  settle: 3s
start: {loss: 20%, rtt: 600ms, metered: yes, address: [v4, v6]}
events:
  - {at: 10m, link: down, sleep: 1h}
  - at: 70m
    link: up
    route: none
    silent: tcp://192.0.2.1:443
  - {at: 71m, route: v6, black_hole: [v6], upstream: silent, portal: on, dns: hijacked}
  - {at: 72m, api: 503, traffic: 2s, clock: doubtful, interface: wlan0, gateway: 10.0.0.1}
  - {at: 72m, api: tls, traffic: none, sibling: delivered, ask: now, metered: no}
)");
  CHECK(scenario.length == hours{2});
  CHECK(scenario.basic.size() == 2);
  CHECK(scenario.policy.basic_endpoints == 2);
  CHECK(scenario.policy.api_endpoints == 2);
  CHECK(scenario.policy.quorum.kind == netstate::Quorum::Kind::all);
  CHECK(scenario.policy.limited_is == netstate::Mode::online);
  CHECK(scenario.timing.interval == seconds{30});
  CHECK(scenario.timing.interval_metered == minutes{10});
  CHECK(scenario.timing.patience == seconds{5});
  CHECK(scenario.timing.settle == seconds{3});

  const auto& events = scenario.events;
  REQUIRE(events.size() == 6);
  CHECK(events[0].at == seconds{0});
  CHECK(events[0].world.loss == doctest::Approx(0.2));
  CHECK(events[0].world.rtt == milliseconds{600});
  CHECK(events[0].world.metered == netstate::Costs::yes);
  CHECK(events[0].world.ladder()[0].route == netstate::Seen::yes);
  CHECK(events[0].world.ladder()[1].addr == netstate::Seen::yes);
  CHECK(events[0].world.ladder()[1].route == netstate::Seen::no);
  CHECK(events[1].sleep == hours{1});
  CHECK(events[1].world.ladder()[0].link == netstate::Seen::no);
  CHECK(events[2].world.link == netstate::Link::up);
  CHECK(events[2].sleep == seconds{0});
  CHECK(events[2].world.silent.size() == 1);
  CHECK(events[3].world.ladder()[1].route == netstate::Seen::yes);
  CHECK(events[3].world.is_black_hole[1]);
  CHECK(events[4].world.api_status == 503);
  CHECK(events[4].world.traffic == seconds{2});
  CHECK(events[4].world.ladder()[1].gateway == "10.0.0.1");
  CHECK(events[5].world.api == core::net::ProbeOutcome::tls);
  CHECK_FALSE(events[5].world.traffic);
  CHECK(events[5].sibling == netstate::SiblingSays::delivered);
  CHECK(events[5].is_asked);
  CHECK(events[5].world.loss == doctest::Approx(0.2));
}

TEST_CASE("an hour of nothing is a scenario too") {
  const auto scenario = parsed("{}");
  CHECK(scenario.length == hours{1});
  CHECK(scenario.events.size() == 1);
}

TEST_CASE("what is wrong with a scenario is said with its line") {
  const std::pair<const char*, const char*> rows[] = {
      {"", "day.yaml:1: not a map"},
      {"for: soon", "day.yaml:1: for: 'soon' is not a span as 500ms, 30s, 5m, 2h"},
      {"for: 9999d", "day.yaml:1: for: '9999d' is not a year at most"},
      {"\nfro: 1h", "day.yaml:2: unknown member: 'fro': did you mean for?"},
      {"network: {intervl: 1s}", "day.yaml:1: unknown setting: 'intervl': did you mean interval?"},
      {"network: {interval: 1ms}", "day.yaml:1: interval: '1ms' is not 100ms or more"},
      {"network: {need: 0}", "day.yaml:1: need: '0' is not any, all or a number"},
      {"network: []", "day.yaml:1: network: not a map"},
      {"start: {lnk: up}", "day.yaml:1: unknown change: 'lnk': did you mean link?"},
      {"start: {link: off}", "day.yaml:1: link: 'off' is not up or down"},
      {"start: {loss: 0.2}", "day.yaml:1: loss: '0.2' is not a share as 20%"},
      {"start: {loss: 120%}", "day.yaml:1: loss: '120%' is not a share as 20%"},
      {"start: {route: v5}", "day.yaml:1: route: 'v5' is not v4, v6 or none"},
      {"start: {api: 99}", "day.yaml:1: api: '99' is not a status of HTTP"},
      {"start: {traffic: 1ms}", "day.yaml:1: traffic: '1ms' is not 100ms or more"},
      {"start: {ask: later}", "day.yaml:1: ask: 'later' is not now"},
      {"events: 3", "day.yaml:1: events: not a list"},
      {"events:\n  - link: up", "day.yaml:2: an event without at"},
      {"events:\n  - {at: 2m}\n  - {at: 1m}", "day.yaml:3: events are not in the order of time"},
  };
  for (const auto& [text, message] : rows) {
    CAPTURE(text);
    const auto scenario = netstate::parse_scenario(text, "day.yaml");
    REQUIRE_FALSE(scenario);
    CHECK(scenario.error().code == core::Errc::config);
    CHECK(scenario.error().message == message);
  }
  for (const char* text : {"network: {basic: [ftp://x]}", "network: {check: [nonsense]}",
                           "start: {api: slow}", "events: [[1]]"}) {
    CAPTURE(text);
    CHECK_FALSE(netstate::parse_scenario(text, "day.yaml"));
  }
}
