// SPDX-License-Identifier: MIT
#include "libcore/netstate/verdict.hpp"

#include <vector>

#include <doctest/doctest.h>

namespace netstate = core::netstate;
using core::net::Family;
using core::net::ProbeKind;
using core::net::ProbeOutcome;
using core::net::ProbeResult;
using netstate::Evidence;
using netstate::FamilyState;
using netstate::Policy;
using netstate::Reason;
using netstate::Seen;
using netstate::State;
using netstate::Verdict;
using netstate::Weight;
using std::chrono::milliseconds;
using std::chrono::seconds;

namespace {

// --- evidence in few words ---

const netstate::FamilyLadder k_way_out{.link = Seen::yes,
                                       .addr = Seen::yes,
                                       .route = Seen::yes,
                                       .interface = "eth0",
                                       .gateway = "192.0.2.1"};
const netstate::FamilyLadder k_no_route{
    .link = Seen::yes, .addr = Seen::yes, .route = Seen::no, .interface = {}, .gateway = {}};
const netstate::FamilyLadder k_no_addr{
    .link = Seen::yes, .addr = Seen::no, .route = Seen::no, .interface = {}, .gateway = {}};
const netstate::FamilyLadder k_no_link{
    .link = Seen::no, .addr = Seen::no, .route = Seen::no, .interface = {}, .gateway = {}};

ProbeResult probe(ProbeKind kind, ProbeOutcome outcome, std::string endpoint) {
  ProbeResult result;
  result.kind = kind;
  result.endpoint = std::move(endpoint);
  result.outcome = outcome;
  result.family = Family::v4;
  result.elapsed = milliseconds{20};
  return result;
}
ProbeResult tcp(ProbeOutcome outcome) {
  return probe(ProbeKind::tcp, outcome, "tcp://192.0.2.7:443");
}
ProbeResult dns(ProbeOutcome outcome) {
  return probe(ProbeKind::dns, outcome, "dns://192.0.2.9");
}
ProbeResult http(ProbeOutcome outcome) {
  return probe(ProbeKind::http, outcome, "http://probe.example.org/204");
}
ProbeResult api(ProbeOutcome outcome, int status = 0) {
  auto result = probe(ProbeKind::api, outcome, "main");
  result.status = status;
  return result;
}

Evidence with(std::vector<ProbeResult> basic, std::vector<ProbeResult> api = {}) {
  Evidence evidence;
  evidence.families = {k_way_out, k_no_addr};
  evidence.basic = std::move(basic);
  evidence.api = std::move(api);
  return evidence;
}

constexpr Policy k_policy{.basic_endpoints = 3, .api_endpoints = 2};
constexpr Policy k_basic_only{.basic_endpoints = 3};
constexpr Policy k_nobody{};

struct Row {
  const char* what;
  Evidence evidence;
  Policy policy;
  State state;
  Reason reason;
  Weight weight;
};

void check(const std::vector<Row>& rows) {
  for (const auto& row : rows) {
    CAPTURE(row.what);
    const Verdict verdict = netstate::judge(row.evidence, row.policy);
    CHECK(core::name_of(verdict.state) == core::name_of(row.state));
    CHECK(core::name_of(verdict.reason) == core::name_of(row.reason));
    CHECK(verdict.weight == row.weight);
  }
}

using enum ProbeOutcome;

}  // namespace

TEST_CASE("a rung of the ladder that is missing in both families holds at once") {
  const auto ladder = [](const netstate::FamilyLadder& v4, const netstate::FamilyLadder& v6) {
    auto evidence = with({tcp(answered)}, {api(answered)});
    evidence.families = {v4, v6};
    return evidence;
  };
  const netstate::FamilyLadder unknown;
  constexpr auto gone = State::disconnected;
  check({
      {"none", ladder(k_no_link, k_no_link), k_policy, gone, Reason::no_link, Weight::hard},
      {"link", ladder(k_no_addr, k_no_addr), k_policy, gone, Reason::no_addr, Weight::hard},
      {"address", ladder(k_no_route, k_no_addr), k_policy, gone, Reason::no_route, Weight::hard},
      {"v6 address", ladder(k_no_addr, k_no_route), k_nobody, gone, Reason::no_route, Weight::hard},
      {"v4", ladder(k_way_out, k_no_addr), k_policy, State::connected, Reason::ok_v4_only,
       Weight::proof},
      {"not told", ladder(unknown, unknown), k_policy, State::connected, Reason::ok, Weight::proof},
      {"one told", ladder(k_no_link, unknown), k_policy, State::connected, Reason::ok_v6_only,
       Weight::proof},
  });
}

TEST_CASE("where the kernel does not tell, probes decide") {
  auto evidence = with({tcp(timeout), dns(dns_timeout)});
  evidence.families = {};
  check({{"", evidence, k_basic_only, State::disconnected, Reason::probe_timeout, Weight::soft}});
}

TEST_CASE("without endpoints a way out is all that can be known") {
  auto evidence = with({});
  evidence.passive = {.age = seconds{1}, .is_stalled = false, .sockets = 1};
  check({{"silent", with({}), k_nobody, State::connected, Reason::not_probed, Weight::hard},
         {"traffic", evidence, k_nobody, State::connected, Reason::not_probed, Weight::hard}});
}

TEST_CASE("what came from outside lately saves the probes") {
  auto evidence = with({});
  const auto passive = [&](core::Duration age, bool is_stalled) {
    evidence.passive = {.age = age, .is_stalled = is_stalled, .sockets = 2};
    return evidence;
  };
  constexpr auto up = State::connected;
  check({
      {"fresh", passive(seconds{30}, false), k_policy, up, Reason::ok_v4_only, Weight::proof},
      {"fresh, no API", passive(seconds{3}, false), k_basic_only, up, Reason::no_api_configured,
       Weight::proof},
      {"old", passive(seconds{31}, false), k_policy, up, Reason::not_probed, Weight::soft},
      {"stalled", passive(seconds{3}, true), k_policy, up, Reason::not_probed, Weight::soft},
      {"nothing", with({}), k_policy, up, Reason::not_probed, Weight::soft},
      {"not sent", with({tcp(not_sent)}, {api(not_sent)}), k_policy, up, Reason::not_probed,
       Weight::soft},
  });
}

TEST_CASE("a delivery by a sibling is proof, also when probes fail") {
  auto evidence = with({});
  evidence.siblings = {{.at = {}, .is_delivered = true, .destination = "https://a.example"}};
  auto blocked = with({tcp(timeout)}, {api(timeout)});
  blocked.siblings = evidence.siblings;
  auto failed = with({});
  failed.siblings = {{.at = {}, .is_delivered = false, .destination = "https://a.example"}};
  constexpr auto up = State::connected;
  check({{"alone", evidence, k_policy, up, Reason::ok_v4_only, Weight::proof},
         {"blocked", blocked, k_policy, up, Reason::basic_blocked, Weight::proof},
         {"failed", failed, k_policy, up, Reason::not_probed, Weight::soft}});
}

TEST_CASE("connected has its reasons") {
  auto slow = with({tcp(answered), dns(answered)});
  slow.basic[0].elapsed = milliseconds{1200};
  slow.basic[1].elapsed = milliseconds{1001};
  auto quick = slow;
  quick.basic[1].elapsed = milliseconds{1000};
  constexpr auto up = State::connected;
  constexpr auto proof = Weight::proof;
  check({
      {"all", with({tcp(answered)}, {api(answered), api(answered)}), k_policy, up,
       Reason::ok_v4_only, proof},
      {"API alone", with({}, {api(answered)}), k_policy, up, Reason::ok_v4_only, proof},
      {"API not asked", with({tcp(answered)}), k_policy, up, Reason::ok_v4_only, proof},
      {"no API", with({dns(answered)}), k_basic_only, up, Reason::no_api_configured, proof},
      {"slow", slow, k_policy, up, Reason::slow, proof},
      {"slow, no API", slow, k_basic_only, up, Reason::slow, proof},
      {"one is quick", quick, k_policy, up, Reason::ok_v4_only, proof},
      {"basic blocked", with({tcp(timeout), http(wrong_answer)}, {api(answered)}), k_policy, up,
       Reason::basic_blocked, proof},
      {"one of three is down",
       with({tcp(timeout), http(answered), dns(dns_timeout)}, {api(answered)}), k_policy, up,
       Reason::ok_v4_only, proof},
      {"a host that turns us away", with({http(turned_away)}), k_basic_only, up,
       Reason::no_api_configured, proof},
  });
}

TEST_CASE("families are judged apart") {
  const auto of = [](Family family, ProbeOutcome outcome) {
    auto result = tcp(outcome);
    result.family = family;
    return result;
  };
  auto evidence = with({of(Family::v4, answered), of(Family::v6, timeout)}, {api(answered)});
  evidence.families = {k_way_out, k_way_out};
  auto verdict = netstate::judge(evidence, k_policy);
  CHECK(verdict.reason == Reason::ok_v4_only);
  CHECK(verdict.of(Family::v6) == FamilyState::failed);

  evidence = with({of(Family::v4, timeout), of(Family::v6, answered)});
  evidence.families = {k_way_out, k_way_out};
  evidence.families[1].interface = "wlan0";
  verdict = netstate::judge(evidence, k_policy);
  CHECK(verdict.reason == Reason::ok_v6_only);
  CHECK(verdict.of(Family::v4) == FamilyState::failed);
  CHECK(verdict.interface == "wlan0");

  evidence.families[0] = k_no_route;
  CHECK(netstate::judge(evidence, k_policy).of(Family::v4) == FamilyState::no_route);
  CHECK(netstate::judge(evidence, k_policy).reason == Reason::ok_v6_only);

  evidence.families = {k_way_out, k_way_out};
  evidence.basic = {of(Family::v4, answered), of(Family::v6, answered)};
  CHECK(netstate::judge(evidence, k_policy).reason == Reason::ok);
  evidence.basic = {of(Family::v4, answered)};
  CHECK(netstate::judge(evidence, k_policy).reason == Reason::ok);
  CHECK(netstate::judge(evidence, k_policy).of(Family::v6) == FamilyState::unknown);
}

TEST_CASE("who answers in the place of others is a portal") {
  auto redirected = http(wrong_answer);
  redirected.status = 302;
  redirected.location = "http://10.0.0.1/login";
  constexpr auto lim = State::limited;
  constexpr auto proof = Weight::proof;
  check({
      {"redirect", with({redirected}), k_basic_only, lim, Reason::portal, proof},
      {"beside an open port", with({tcp(answered), redirected}, {api(tls)}), k_policy, lim,
       Reason::portal, proof},
      {"by the API", with({tcp(answered)}, {api(wrong_answer, 511)}), k_policy, lim, Reason::portal,
       proof},
      {"by the API alone", with({}, {api(wrong_answer, 511)}), k_policy, lim, Reason::portal,
       proof},
      {"another answers as it should", with({redirected, http(answered)}), k_basic_only,
       State::connected, Reason::no_api_configured, proof},
      {"a name of the own network", with({tcp(answered), http(hijacked)}), k_basic_only, lim,
       Reason::dns_hijack, proof},
      {"the API's name", with({tcp(answered)}, {api(hijacked)}), k_policy, lim, Reason::dns_hijack,
       proof},
      {"a false name server", with({dns(wrong_answer)}), k_basic_only, lim, Reason::dns_hijack,
       proof},
      {"a blocked name", with({http(hijacked)}, {api(answered)}), k_policy, State::connected,
       Reason::basic_blocked, proof},
  });
  const auto verdict = netstate::judge(with({http(wrong_answer), redirected}), k_basic_only);
  CHECK(verdict.login_url == "http://10.0.0.1/login");
  CHECK(verdict.note == "http://probe.example.org/204: HTTP 302");
}

TEST_CASE("addresses without names are a failure of DNS") {
  constexpr auto lim = State::limited;
  constexpr auto soft = Weight::soft;
  check({
      {"no server", with({tcp(answered), http(dns_timeout)}), k_basic_only, lim,
       Reason::dns_failure, soft},
      {"no server for the API", with({tcp(answered)}, {api(dns_timeout)}), k_policy, lim,
       Reason::dns_failure, soft},
      {"refused", with({dns(answered)}, {api(dns_refused)}), k_policy, lim, Reason::dns_failure,
       soft},
      {"no name at all", with({tcp(answered), http(dns_no_name)}, {api(dns_no_name)}), k_policy,
       lim, Reason::dns_failure, soft},
      {"one name is missing", with({tcp(answered), http(dns_no_name)}), k_basic_only,
       State::connected, Reason::no_api_configured, Weight::proof},
      {"the API's name is missing", with({tcp(answered)}, {api(dns_no_name)}), k_policy, lim,
       Reason::api_dns, soft},
      {"others resolve", with({http(answered)}, {api(dns_timeout)}), k_policy, lim, Reason::api_dns,
       soft},
      {"nothing answers", with({tcp(timeout), http(dns_timeout)}, {api(dns_timeout)}), k_policy,
       State::disconnected, Reason::probe_timeout, soft},
  });
}

TEST_CASE("an API that fails limits the network, and says how") {
  constexpr auto lim = State::limited;
  constexpr auto soft = Weight::soft;
  const auto fails = [](ProbeOutcome outcome) {
    return with({http(answered)}, {api(outcome), api(not_sent)});
  };
  check({
      {"", fails(timeout), k_policy, lim, Reason::api_timeout, soft},
      {"", fails(lost), k_policy, lim, Reason::api_timeout, soft},
      {"", fails(tls), k_policy, lim, Reason::api_tls, soft},
      {"the clock is right", fails(certificate_time), k_policy, lim, Reason::api_tls, soft},
      {"", fails(server_error), k_policy, lim, Reason::api_5xx, soft},
      {"", fails(dns_refused), k_policy, lim, Reason::api_dns, soft},
      {"", fails(refused), k_policy, lim, Reason::api_refused, soft},
      {"", fails(unreachable), k_policy, lim, Reason::api_refused, soft},
      {"most", with({tcp(answered)}, {api(timeout), api(tls), api(tls)}), k_policy, lim,
       Reason::api_tls, soft},
      {"only the API is there, and ill", with({tcp(timeout)}, {api(server_error)}), k_policy, lim,
       Reason::api_5xx, soft},
      {"no basic endpoints", with({}, {api(tls)}), Policy{.api_endpoints = 1}, lim, Reason::api_tls,
       soft},
  });
}

TEST_CASE("an API that answers is reached, whatever it thinks of us") {
  for (const auto& [outcome, status] : {std::pair{answered, 200}, std::pair{turned_away, 401},
                                        std::pair{turned_away, 404}, std::pair{throttled, 429}}) {
    CAPTURE(status);
    auto evidence = with({tcp(answered)}, {api(outcome, status)});
    CHECK(netstate::judge(evidence, k_policy).state == State::connected);
  }
  auto throttled_api = api(throttled, 429);
  throttled_api.retry_after = seconds{90};
  CHECK(netstate::judge(with({}, {throttled_api}), k_policy).retry_after == seconds{90});
}

TEST_CASE("5xx beside a quorum that is met is a degradation") {
  const auto evidence = with({tcp(answered)}, {api(answered, 200), api(server_error, 503)});
  auto policy = k_policy;
  auto verdict = netstate::judge(evidence, policy);
  CHECK(verdict.state == State::connected);
  CHECK(verdict.is_degraded);
  CHECK(verdict.note == "main: HTTP 503");

  policy.quorum = {.kind = netstate::Quorum::Kind::all};
  verdict = netstate::judge(evidence, policy);
  CHECK(verdict.reason == Reason::api_5xx);
  CHECK_FALSE(verdict.is_degraded);
}

TEST_CASE("a certificate out of its time is blamed on a clock that is doubtful") {
  auto evidence = with({tcp(answered)}, {api(certificate_time), api(timeout), api(timeout)});
  CHECK(netstate::judge(evidence, k_policy).reason == Reason::api_timeout);
  evidence.clock_is_doubtful = true;
  CHECK(netstate::judge(evidence, k_policy).reason == Reason::clock_skew);
  CHECK(netstate::judge(evidence, k_policy).state == State::limited);

  evidence.api = {api(timeout)};
  CHECK(netstate::judge(evidence, k_policy).reason == Reason::api_timeout);
}

TEST_CASE("when nothing answers, the word says how") {
  constexpr auto gone = State::disconnected;
  constexpr auto soft = Weight::soft;
  const auto all = [](ProbeOutcome outcome) { return with({tcp(outcome), tcp(outcome)}); };
  const Policy api_only{.api_endpoints = 1};
  check({
      {"", all(timeout), k_policy, gone, Reason::probe_timeout, soft},
      {"", all(lost), k_policy, gone, Reason::probe_timeout, soft},
      {"", all(refused), k_policy, gone, Reason::refused_all, soft},
      {"", all(unreachable), k_policy, gone, Reason::unreachable, soft},
      {"", with({dns(dns_timeout), http(dns_timeout)}), k_policy, gone, Reason::dns_timeout, soft},
      {"", with({tcp(refused), tcp(unreachable)}), k_policy, gone, Reason::unreachable, soft},
      {"", with({tcp(refused), dns(dns_timeout)}), k_policy, gone, Reason::probe_timeout, soft},
      {"", with({tcp(timeout)}, {api(refused)}), k_policy, gone, Reason::probe_timeout, soft},
      {"API alone", with({}, {api(timeout)}), api_only, gone, Reason::probe_timeout, soft},
      {"API alone", with({}, {api(dns_timeout)}), api_only, gone, Reason::dns_timeout, soft},
      {"API alone", with({}, {api(refused)}), api_only, gone, Reason::refused_all, soft},
  });
}

TEST_CASE("what arrives while probes fail speaks for the network, what came before does not") {
  auto evidence = with({tcp(timeout)});
  evidence.basic[0].elapsed = seconds{3};
  evidence.passive = {.age = seconds{2}, .is_stalled = false, .sockets = 1};
  CHECK(netstate::judge(evidence, k_basic_only).state == State::connected);
  evidence.passive->age = seconds{4};
  CHECK(netstate::judge(evidence, k_basic_only).state == State::disconnected);
}

TEST_CASE("a quorum is any, all, or a number of the endpoints that were asked") {
  using Kind = netstate::Quorum::Kind;
  struct {
    netstate::Quorum quorum;
    int answered, asked;
    bool is_met;
  } const rows[] = {
      {{.kind = Kind::any}, 0, 3, false},
      {{.kind = Kind::any}, 1, 3, true},
      {{.kind = Kind::any}, 0, 0, false},
      {{.kind = Kind::all}, 2, 3, false},
      {{.kind = Kind::all}, 3, 3, true},
      {{.kind = Kind::all}, 0, 0, false},
      {{.kind = Kind::count, .count = 2}, 1, 3, false},
      {{.kind = Kind::count, .count = 2}, 2, 3, true},
      {{.kind = Kind::count, .count = 2}, 1, 1, true},
      {{.kind = Kind::count, .count = 2}, 0, 0, false},
  };
  for (const auto& row : rows) {
    CAPTURE(row.answered);
    CAPTURE(row.asked);
    CHECK(row.quorum.is_met(row.answered, row.asked) == row.is_met);
  }
}

TEST_CASE("the mode follows the state") {
  Policy policy;
  CHECK(netstate::mode_of(State::connected, policy) == netstate::Mode::online);
  CHECK(netstate::mode_of(State::limited, policy) == netstate::Mode::offline);
  CHECK(netstate::mode_of(State::disconnected, policy) == netstate::Mode::offline);
  policy.limited_is = netstate::Mode::online;
  CHECK(netstate::mode_of(State::limited, policy) == netstate::Mode::online);
}

TEST_CASE("a family that lost against the other has failed, unless it answers elsewhere") {
  auto evidence = with({tcp(ProbeOutcome::answered)});
  evidence.families = {k_way_out, k_way_out};
  evidence.basic.front().silent = Family::v6;
  auto verdict = netstate::judge(evidence, k_basic_only);
  CHECK(verdict.state == State::connected);
  CHECK(verdict.of(Family::v4) == FamilyState::ok);
  CHECK(verdict.of(Family::v6) == FamilyState::failed);

  evidence.basic.push_back(tcp(ProbeOutcome::answered));
  evidence.basic.back().family = Family::v6;
  verdict = netstate::judge(evidence, k_basic_only);
  CHECK(verdict.of(Family::v6) == FamilyState::ok);
}
