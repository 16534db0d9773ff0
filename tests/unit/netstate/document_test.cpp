// SPDX-License-Identifier: MIT
#include "libcore/netstate/document.hpp"

#include <string>

#include <doctest/doctest.h>

#include "tests/fakes/evidence_in_words.hpp"

namespace netstate = core::netstate;
using core::Time;
using fakes::api;
using fakes::tcp;
using netstate::Document;
using netstate::Reason;
using netstate::State;
using std::chrono::milliseconds;
using std::chrono::minutes;
using std::chrono::seconds;
using enum core::net::ProbeOutcome;

namespace {

constexpr Time k_now{std::chrono::sys_days{std::chrono::year{2026} / 1 / 2}};

Document portal() {
  Document document;
  document.line = {.state = State::limited,
                   .mode = netstate::Mode::offline,
                   .generation = 42,
                   .since = k_now - seconds{1},
                   .valid_until = k_now + seconds{130},
                   .interface = "wlan0",
                   .metered = netstate::Metered::guess_yes,
                   .reason = Reason::portal,
                   .by = netstate::Author::daemon};
  document.previous = State::connected;
  document.at = k_now;
  document.looked_at = k_now - milliseconds{20};
  document.verdict = {.state = State::limited,
                      .reason = Reason::portal,
                      .weight = netstate::Weight::proof,
                      .families = {netstate::FamilyState::ok, netstate::FamilyState::no_route},
                      .interface = "wlan0",
                      .login_url = "http://10.0.0.1/login",
                      .note = "main: HTTP 503",
                      .retry_after = minutes{7},
                      .is_degraded = true};
  document.is_flapping = true;
  document.override_ = netstate::Override{.mode = netstate::Mode::offline,
                                          .since = k_now,
                                          .until = {},
                                          .by = "anna",
                                          .reason = "plane",
                                          .boot = {}};
  document.network = "wlan0/10.0.0.1";
  document.budget_left = core::ByteCount{81'264'640};
  document.evidence.families = {fakes::k_way_out, fakes::k_no_addr};
  document.evidence.passive = {.age = milliseconds{1200}, .is_stalled = false, .sockets = 3};
  document.evidence.basic = {tcp(answered)};
  document.evidence.basic[0].bytes = 280;
  document.evidence.basic[0].elapsed = std::chrono::microseconds{21'440};
  document.evidence.api = {api(server_error, 503)};
  document.evidence.api[0].bytes = 551;
  document.evidence.api[0].message = "a \"word\" of it";
  document.evidence.api[0].retry_after = minutes{7};
  document.evidence.siblings = {
      {.at = k_now - minutes{1}, .is_delivered = true, .destination = "https://a.example"}};
  return document;
}

}  // namespace

TEST_CASE("a document has the members of the page, and the history those before the evidence") {
  const auto texts = netstate::format_document(portal());
  const std::string head =
      R"({"v":1,"at":"2026-01-02T00:00:00.000000Z","generation":42,"state":"limited",)"
      R"("previous":"connected","mode":"offline","reason":"portal",)"
      R"("since":"2026-01-01T23:59:59.000000Z","valid_until":"2026-01-02T00:02:10.000000Z",)"
      R"("by":"daemon","interface":"wlan0","families":{"v4":"ok","v6":"no-route"},)"
      R"("metered":"guess-yes","flapping":true,"login_url":"http://10.0.0.1/login",)"
      R"("retry_after":"2026-01-02T00:06:59.980000Z","degraded":true,"note":"main: HTTP 503",)"
      R"("network":"wlan0/10.0.0.1","budget":{"left":81264640},)"
      R"("override":{"mode":"offline","since":"2026-01-02T00:00:00.000000Z","by":"anna",)"
      R"("reason":"plane"})";
  CHECK(texts.history == head + "}\n");
  CHECK(texts.document ==
        head + R"(,"ladder":{"v4":{"link":"yes","addr":"yes","route":"yes","interface":"eth0",)"
               R"("gateway":"192.0.2.1"},"v6":{"link":"yes","addr":"no","route":"no"}},)"
               R"("passive":{"age_ms":1200,"stalled":false,"sockets":3},)"
               R"("looked_at":"2026-01-01T23:59:59.980000Z",)"
               R"("probes":[{"kind":"tcp","endpoint":"tcp://192.0.2.7:443","family":"v4",)"
               R"("outcome":"answered","ms":21.4,"bytes":280},)"
               R"({"kind":"api","endpoint":"https://api.example.com/health","family":"v4",)"
               R"("outcome":"server-error","ms":20,"status":503,"bytes":551,)"
               R"("message":"a \"word\" of it","retry_after":"2026-01-02T00:06:59.980000Z"}],)"
               R"("siblings":[{"at":"2026-01-01T23:59:00.000000Z","delivered":true,)"
               R"("to":"https://a.example"}],"bytes":831})"
               "\n");
}

TEST_CASE("a document is read as it was written") {
  const auto text = netstate::format_document(portal()).document;
  const auto again = netstate::parse_document(text);
  REQUIRE_MESSAGE(again.has_value(), (again ? "" : again.error().message));
  CHECK(netstate::format_document(*again).document == text);
  CHECK(again->line == portal().line);
  CHECK(again->verdict.weight == netstate::Weight::proof);
  CHECK(again->verdict.retry_after == minutes{7});
  CHECK(again->bytes() == 831);
}

TEST_CASE("what a script leaves out stays empty, and what it adds is skipped") {
  const auto document = netstate::parse_document(
      R"({"state":"disconnected","mode":"offline","reason":"no-link","colour":{"a":[1]}})");
  REQUIRE(document);
  CHECK(document->line.state == State::disconnected);
  CHECK(document->verdict.weight == netstate::Weight::hard);
  CHECK_FALSE(document->evidence.passive);
  CHECK_FALSE(document->looked_at);

  const auto unknown = netstate::parse_document(R"({"state":"unknown","mode":"offline"})");
  REQUIRE(unknown);
  CHECK_FALSE(unknown->line.state);
}

TEST_CASE("a member that is not as it should be is named") {
  const std::pair<const char*, const char*> rows[] = {
      {"", "not a JSON object"},
      {"[]", "not a JSON object"},
      {R"({"state":"fine"})", "state: 'fine'"},
      {R"({"mode":1})", "mode: '1'"},
      {R"({"reason":"bad\u001bluck"})", R"(reason: 'bad\x1bluck')"},
      {R"({"since":"yesterday"})", "since: 'yesterday'"},
      {R"({"generation":-1})", "generation: '-1'"},
      {R"({"families":7})", "families: not a JSON object"},
      {R"({"families":{"v4":"good"}})", "families: v4: 'good'"},
      {R"({"ladder":{"v6":{"link":"maybe"}}})", "ladder: v6: link: 'maybe'"},
      {R"({"passive":{"age_ms":-5}})", "passive: age_ms: '-5'"},
      {R"({"passive":{"age_ms":1e300}})", "passive: age_ms: '1e+300'"},
      {R"({"probes":[{"outcome":"odd"}]})", "probes: outcome: 'odd'"},
      {R"({"probes":[3]})", "probes: not a JSON object"},
      {R"({"override":{"mode":"so"}})", "no mode of online or offline"},
      {R"({"budget":{"left":"much"}})", "budget: left: 'much'"},
  };
  for (const auto& [text, message] : rows) {
    CAPTURE(text);
    const auto document = netstate::parse_document(text);
    REQUIRE_FALSE(document);
    CHECK(document.error().code == core::Errc::corrupt);
    CHECK(document.error().message == message);
  }
}
