// SPDX-License-Identifier: MIT
#include "libcore/netstate/monitor.hpp"

#include <algorithm>
#include <functional>
#include <string>
#include <vector>

#include <doctest/doctest.h>

#include "tests/fakes/evidence_in_words.hpp"

namespace netstate = core::netstate;
using core::Duration;
using core::net::ProbeResult;
using fakes::api;
using fakes::http;
using fakes::k_no_addr;
using fakes::k_no_link;
using fakes::k_no_route;
using fakes::k_way_out;
using fakes::tcp;
using fakes::tcp6;
using netstate::Evidence;
using netstate::FamilyState;
using netstate::Ladder;
using netstate::Monitor;
using netstate::Policy;
using netstate::Reason;
using netstate::Round;
using netstate::State;
using netstate::Timing;
using std::chrono::hours;
using std::chrono::milliseconds;
using std::chrono::minutes;
using std::chrono::seconds;
using enum core::net::ProbeOutcome;

namespace {

constexpr Policy k_basic{.basic_endpoints = 3};
constexpr Policy k_with_api{.basic_endpoints = 3, .api_endpoints = 1};
const Ladder k_v4{k_way_out, k_no_addr};
const Ladder k_both{k_way_out, k_way_out};
const Ladder k_gone{k_no_link, k_no_link};

// A monitor, the clock, and a network that answers as it is told.
struct Bench {
  using Answers = std::vector<ProbeResult>;

  explicit Bench(Policy policy = k_basic, Timing timing = {})
      : monitor(policy, timing, [] { return 0.5; }) {}

  // Everything that is due until then is done.
  void run_until(Duration moment) {
    while (const auto wake = monitor.next_wake()) {
      if (*wake > moment) break;
      now = std::max(now, *wake);
      step();
    }
    now = std::max(now, moment);
  }
  void run_for(Duration span) { run_until(now + span); }
  void step() {
    if (on_wake) on_wake();
    const auto round = monitor.next_round(now);
    if (!round) return;
    rounds.push_back(*round);
    begins.push_back(now);
    now += takes;
    Evidence evidence;
    evidence.families = ladder;
    evidence.passive = passive;
    evidence.basic = answers(*round);
    if (round->with_api) evidence.api = api_answers;
    monitor.see_round(evidence, now);
  }
  void see(const Ladder& next) {
    ladder = next;
    monitor.see_ladder(ladder, now);
  }
  void all(core::net::ProbeOutcome outcome) {
    answers = [outcome](const Round&) { return Answers{tcp(outcome), tcp(outcome)}; };
  }
  [[nodiscard]] std::string holds() const {
    if (!monitor.verdict()) return "nothing";
    return std::string(core::name_of(monitor.verdict()->state)) + " " +
           std::string(core::name_of(monitor.verdict()->reason));
  }
  // Connected for a minute and a bit, and nothing counted yet.
  void settle() {
    see(ladder);
    run_for(seconds{70});
    rounds.clear();
    begins.clear();
  }

  Monitor monitor;
  Duration now = seconds{1000};
  Duration takes = milliseconds{20};
  Ladder ladder = k_v4;
  std::optional<core::net::TcpEvidence> passive;
  std::function<Answers(const Round&)> answers = [](const Round&) {
    return Answers{tcp(answered)};
  };
  std::vector<ProbeResult> api_answers{api(answered, 200)};
  std::function<void()> on_wake;
  std::vector<Round> rounds;
  std::vector<Duration> begins;
};

std::vector<Duration> gaps(const std::vector<Duration>& begins) {
  std::vector<Duration> gaps;
  for (std::size_t i = 1; i < begins.size(); ++i)
    gaps.push_back(begins[i] - begins[i - 1]);
  return gaps;
}

netstate::SiblingReport delivered() {
  return {.at = {}, .is_delivered = true, .destination = "https://api.example.com"};
}
netstate::SiblingReport not_reached() {
  return {.at = {}, .is_delivered = false, .destination = "https://api.example.com"};
}
core::net::TcpEvidence traffic(Duration age) {
  return {.age = age, .is_stalled = false, .sockets = 1};
}

}  // namespace

TEST_CASE("nothing is asked and nothing is known before the ladder was read") {
  Bench bench;
  CHECK_FALSE(bench.monitor.next_wake());
  CHECK_FALSE(bench.monitor.next_round(bench.now));
  CHECK(bench.holds() == "nothing");
  CHECK(bench.monitor.is_deciding());
}

TEST_CASE("a way out is probed at once, and one answer is enough") {
  Bench bench;
  bench.see(k_v4);
  CHECK(bench.holds() == "nothing");
  CHECK(bench.monitor.next_wake() == bench.now);
  bench.step();
  CHECK(bench.holds() == "connected no-api-configured");
  CHECK_FALSE(bench.monitor.is_deciding());
  CHECK(bench.monitor.verdict()->interface == "eth0");
}

TEST_CASE("hard evidence holds at once") {
  struct {
    Ladder ladder;
    const char* holds;
  } const rows[] = {
      {{k_no_link, k_no_link}, "disconnected no-link"},
      {{k_no_addr, k_no_addr}, "disconnected no-addr"},
      {{k_no_route, k_no_addr}, "disconnected no-route"},
  };
  for (const auto& row : rows) {
    CAPTURE(row.holds);
    Bench bench;
    bench.settle();
    bench.see(row.ladder);
    CHECK(bench.holds() == row.holds);
    CHECK(bench.monitor.since() == bench.now);
    bench.run_for(hours{1});
    CHECK(bench.rounds.empty());
    CHECK(bench.now - bench.monitor.confirmed() <= minutes{1});

    bench.see(k_v4);
    CHECK(bench.holds() == row.holds);
    bench.run_for(seconds{1});
    CHECK(bench.holds() == "connected no-api-configured");
  }
}

TEST_CASE("without endpoints the ladder is all, and nobody is asked") {
  Bench bench(Policy{});
  bench.see(k_v4);
  CHECK(bench.holds() == "connected not-probed");
  bench.run_for(hours{1});
  CHECK(bench.rounds.empty());
  CHECK(bench.now - bench.monitor.confirmed() <= minutes{1});
  bench.see(k_gone);
  CHECK(bench.holds() == "disconnected no-link");
}

TEST_CASE("silence counts after three rounds, half a second and one and a half after the first") {
  Bench bench;
  bench.settle();
  bench.all(refused);
  bench.run_for(minutes{1});
  REQUIRE(bench.begins.size() >= 3);
  CHECK(bench.begins[1] - bench.begins[0] == milliseconds{500});
  CHECK(bench.begins[2] - bench.begins[0] == milliseconds{1500});
  CHECK(bench.monitor.since() == bench.begins[2] + bench.takes);
  CHECK(bench.holds() == "disconnected refused-all");
  CHECK(bench.rounds[1].tries == 2);
  CHECK(bench.rounds[1].patience == milliseconds{550});
  CHECK(bench.rounds[1].number == bench.rounds[0].number + 3);
}

TEST_CASE("a silent drop is known three seconds and a bit after the first question") {
  Bench bench;
  bench.settle();
  bench.answers = [&](const Round& round) {
    bench.now += std::min(round.patience, Duration(milliseconds{2000})) - bench.takes;
    return Bench::Answers{tcp(timeout)};
  };
  bench.run_for(minutes{1});
  CHECK(bench.holds() == "disconnected probe-timeout");
  CHECK(bench.monitor.since() - bench.begins[0] <= milliseconds{3200});
}

TEST_CASE("one or two silent rounds change nothing") {
  for (const int silent : {1, 2}) {
    CAPTURE(silent);
    Bench bench;
    bench.settle();
    int left = silent;
    bench.answers = [&](const Round&) {
      return Bench::Answers{tcp(left-- > 0 ? timeout : answered)};
    };
    bench.run_for(minutes{2});
    CHECK(bench.holds() == "connected no-api-configured");
    CHECK(bench.monitor.since() == seconds{1000} + bench.takes);
  }
}

TEST_CASE("of three rounds the best counts") {
  Bench bench(k_with_api);
  bench.settle();
  int n = 0;
  bench.api_answers = {api(timeout)};
  bench.answers = [&](const Round&) {
    return Bench::Answers{tcp(n++ % 3 == 1 ? answered : timeout)};
  };
  bench.run_until(bench.now + minutes{1});
  CHECK(bench.holds() == "limited api-timeout");
}

TEST_CASE("a first verdict is confirmed as well, and a first answer is not") {
  Bench bench;
  bench.all(unreachable);
  bench.see(k_v4);
  bench.step();
  CHECK(bench.holds() == "nothing");
  CHECK(bench.monitor.is_deciding());
  bench.run_for(seconds{2});
  CHECK(bench.holds() == "disconnected unreachable");
  bench.all(answered);
  bench.run_for(seconds{3});
  CHECK(bench.holds() == "connected no-api-configured");
}

TEST_CASE("what holds is believed for two intervals and ten seconds") {
  for (const Duration interval : {Duration(seconds{2}), Duration(seconds{60})}) {
    Timing timing;
    timing.interval = interval;
    Bench bench(k_basic, timing);
    bench.settle();
    CHECK(bench.monitor.valid_for() == 2 * interval + seconds{10});
    bench.see(k_gone);
    CHECK(bench.monitor.valid_for() == seconds{130});
  }
}

TEST_CASE("all is well: a look each minute, with jitter") {
  Bench bench;
  bench.settle();
  bench.run_for(minutes{10});
  REQUIRE(bench.begins.size() == 10);
  for (const auto gap : gaps(bench.begins))
    CHECK(gap == seconds{60} + bench.takes);

  for (const double drawn : {0.0, 1.0}) {
    Monitor monitor(Policy{.basic_endpoints = 1}, {}, [drawn] { return drawn; });
    monitor.see_ladder(k_v4, seconds{1});
    REQUIRE(monitor.next_round(seconds{1}));
    Evidence evidence;
    evidence.families = k_v4;
    evidence.basic = {tcp(answered)};
    monitor.see_round(evidence, seconds{2});
    const Duration wait = seconds{60} + (drawn == 0.0 ? -seconds{6} : seconds{6});
    CHECK_FALSE(monitor.next_round(seconds{2} + wait - milliseconds{1}));
    CHECK(monitor.next_round(seconds{2} + wait));
  }
}

TEST_CASE("while all is ill the looks become rarer, from one second to a minute") {
  Bench bench;
  bench.takes = Duration{0};
  bench.settle();
  bench.all(refused);
  bench.run_for(minutes{8});
  auto between = gaps(bench.begins);
  REQUIRE(between.size() > 11);
  between.erase(between.begin(), between.begin() + 2);
  between.resize(9);
  const std::vector<Duration> expected{seconds{1},  seconds{2},  seconds{4},
                                       seconds{8},  seconds{16}, seconds{32},
                                       seconds{60}, seconds{60}, seconds{60}};
  CHECK(between == expected);
}

TEST_CASE("a change of the ladder, a question and the end of sleep start the looks anew") {
  const std::function<void(Bench&)> causes[] = {
      [](Bench& bench) { bench.see({k_no_route, k_way_out}); },
      [](Bench& bench) { bench.monitor.look_again(bench.now); },
      [](Bench& bench) { bench.monitor.awake(bench.now); },
  };
  for (const auto& cause : causes) {
    Bench bench;
    bench.takes = Duration{0};
    bench.settle();
    bench.all(refused);
    bench.run_for(minutes{8});
    bench.begins.clear();
    cause(bench);
    const Duration at = bench.now;
    bench.run_for(seconds{4});
    REQUIRE(bench.begins.size() >= 3);
    CHECK(bench.begins[0] == at);
    CHECK(bench.begins[1] == at + seconds{1});
    CHECK(bench.begins[2] == at + seconds{3});
  }
}

TEST_CASE("a portal holds at once, and is looked at from five seconds to two minutes") {
  Bench bench;
  bench.takes = Duration{0};
  bench.settle();
  bench.answers = [](const Round&) { return Bench::Answers{http(wrong_answer)}; };
  bench.run_for(minutes{10});
  CHECK(bench.holds() == "limited portal");
  CHECK(bench.monitor.since() == bench.begins[0]);
  auto between = gaps(bench.begins);
  between.resize(7);
  const std::vector<Duration> expected{seconds{5},  seconds{10}, seconds{20}, seconds{40},
                                       seconds{80}, minutes{2},  minutes{2}};
  CHECK(between == expected);
  CHECK(bench.monitor.valid_for() == seconds{250});
}

TEST_CASE("a portal that lets names and connections pass is found on a new network, and kept") {
  Bench bench;
  bench.monitor.set_bytes(netstate::Bytes::cost_money);
  bench.answers = [](const Round& round) {
    if (round.stop == core::net::StopAt::first_answer) return Bench::Answers{tcp(answered)};
    CHECK_FALSE(round.tcp_only);
    return Bench::Answers{tcp(answered), http(wrong_answer)};
  };
  bench.see(k_v4);
  bench.run_for(seconds{1});
  CHECK(bench.holds() == "connected no-api-configured");
  bench.run_for(seconds{3});
  CHECK(bench.holds() == "limited portal");
  bench.run_for(minutes{10});
  CHECK(bench.monitor.since() < seconds{1004});
  bench.answers = [](const Round&) { return Bench::Answers{tcp(answered), http(timeout)}; };
  bench.run_for(minutes{3});
  CHECK(bench.holds() == "limited portal");
  bench.answers = [](const Round&) { return Bench::Answers{tcp(answered), http(answered)}; };
  bench.run_for(minutes{3});
  CHECK(bench.holds() == "connected no-api-configured");
}

TEST_CASE("a delivery is proof that a portal is gone") {
  Bench bench;
  bench.answers = [](const Round&) { return Bench::Answers{tcp(answered), http(wrong_answer)}; };
  bench.settle();
  CHECK(bench.holds() == "limited portal");
  bench.monitor.see_sibling(delivered(), bench.now);
  CHECK(bench.holds() == "connected no-api-configured");
}

TEST_CASE("where bytes cost money, a quarter of an hour, and connections only") {
  Bench bench(k_with_api);
  bench.monitor.set_bytes(netstate::Bytes::cost_money);
  bench.settle();
  bench.run_for(hours{24});
  CHECK(bench.rounds.size() <= 96);
  CHECK(bench.rounds.size() >= 95);
  for (const auto& round : bench.rounds) {
    CHECK(round.tcp_only);
    CHECK_FALSE(round.with_api);
  }
  CHECK(bench.monitor.valid_for() == minutes{30} + seconds{10});

  bench.rounds.clear();
  auto other = k_v4;
  other[0].gateway = "192.0.2.254";
  bench.see(other);
  bench.run_for(seconds{1});
  REQUIRE(bench.rounds.size() == 1);
  CHECK(bench.rounds[0].with_api);
}

TEST_CASE("where bytes cost money, an API that fails is asked ever more rarely") {
  Bench bench(k_with_api);
  bench.monitor.set_bytes(netstate::Bytes::cost_money);
  bench.api_answers = {api(server_error, 500)};
  bench.settle();
  bench.run_for(hours{24});
  CHECK(bench.holds() == "limited api-5xx");
  CHECK(bench.rounds.size() < 110);
  for (const auto& round : bench.rounds)
    CHECK(round.with_api);
}

TEST_CASE("bytes that begin to cost money count from the last look") {
  Bench bench;
  bench.settle();
  bench.monitor.set_bytes(netstate::Bytes::cost_money);
  bench.run_for(minutes{10});
  CHECK(bench.rounds.empty());
  bench.monitor.set_bytes(netstate::Bytes::count_little);
  bench.run_for(seconds{1});
  CHECK(bench.rounds.size() == 1);
}

TEST_CASE("a server that says when to come again is obeyed, within a quarter of an hour") {
  Bench bench(k_with_api);
  bench.api_answers = {api(server_error, 503)};
  bench.api_answers[0].retry_after = minutes{5};
  bench.settle();
  CHECK(bench.holds() == "limited api-5xx");
  bench.run_for(hours{1});
  CHECK(bench.rounds.size() == 12);
  CHECK(bench.monitor.valid_for() == minutes{10} + seconds{10});
  bench.api_answers[0].retry_after = hours{5};
  bench.run_for(hours{2});
  CHECK(bench.rounds.size() < 22);
  CHECK(bench.rounds.size() >= 19);
}

TEST_CASE("own traffic saves the probes") {
  Bench bench;
  bench.settle();
  bench.on_wake = [&] { bench.monitor.see_passive(traffic(milliseconds{10}), bench.now); };
  bench.run_for(hours{1});
  CHECK(bench.rounds.empty());
  CHECK(bench.now - bench.monitor.confirmed() <= seconds{60});

  bench.on_wake = [&] { bench.monitor.see_passive(std::nullopt, bench.now); };
  bench.run_for(minutes{5});
  CHECK(bench.rounds.size() >= 4);
}

TEST_CASE("old traffic saves nothing") {
  Bench bench;
  bench.settle();
  bench.on_wake = [&] { bench.monitor.see_passive(traffic(seconds{31}), bench.now); };
  bench.run_for(minutes{10});
  CHECK(bench.rounds.size() == 10);
}

TEST_CASE("own traffic establishes nothing, and does not lift a limited network") {
  Bench bench(k_with_api);
  bench.see(k_v4);
  bench.monitor.see_passive(traffic(milliseconds{1}), bench.now);
  CHECK(bench.holds() == "nothing");
  bench.api_answers = {api(tls)};
  bench.settle();
  CHECK(bench.holds() == "limited api-tls");
  bench.passive = traffic(milliseconds{1});
  bench.monitor.see_passive(bench.passive, bench.now);
  CHECK(bench.holds() == "limited api-tls");
  bench.answers = [](const Round&) { return Bench::Answers{tcp(not_sent)}; };
  bench.api_answers = {api(not_sent)};
  bench.run_for(minutes{5});
  CHECK(bench.holds() == "limited api-tls");
}

TEST_CASE("traffic after silence is a reason to look") {
  Bench bench;
  bench.settle();
  bench.all(timeout);
  bench.run_for(minutes{10});
  CHECK(bench.holds() == "disconnected probe-timeout");
  bench.rounds.clear();
  bench.all(answered);
  bench.monitor.see_passive(traffic(milliseconds{5}), bench.now);
  bench.run_for(milliseconds{30});
  CHECK(bench.holds() == "connected no-api-configured");
}

TEST_CASE("traffic that stalls is the first of three strikes") {
  Bench bench;
  bench.settle();
  bench.all(timeout);
  bench.monitor.see_passive(core::net::TcpEvidence{seconds{2}, true, 1}, bench.now);
  const Duration stalled = bench.now;
  bench.run_for(seconds{2});
  CHECK(bench.holds() == "disconnected probe-timeout");
  CHECK(bench.monitor.since() - stalled <= milliseconds{1100});
  CHECK(bench.rounds.size() <= 3);
}

TEST_CASE("a connection that stalls alone costs one round, not one each second") {
  Bench bench;
  bench.settle();
  bench.on_wake = [&] {
    bench.monitor.see_passive(core::net::TcpEvidence{seconds{2}, true, 1}, bench.now);
  };
  bench.run_for(minutes{10});
  CHECK(bench.holds() == "connected no-api-configured");
  CHECK(bench.rounds.size() <= 12);
}

TEST_CASE("traffic under way is looked at each second, and an idle machine is left alone") {
  Bench bench;
  bench.settle();
  int wakes = 0;
  Duration age = milliseconds{10};
  bench.on_wake = [&] {
    ++wakes;
    bench.monitor.see_passive(traffic(age), bench.now);
  };
  bench.run_for(seconds{65});
  wakes = 0;
  bench.run_for(seconds{60});
  CHECK(wakes >= 55);
  age = hours{1};
  wakes = 0;
  bench.run_for(minutes{10});
  CHECK(wakes <= 20);
}

TEST_CASE("a delivery by a sibling is proof, and its failure asks for a look") {
  Bench bench(k_with_api);
  bench.settle();
  bench.run_for(seconds{5});
  bench.monitor.see_sibling(not_reached(), bench.now);
  bench.step();
  CHECK(bench.rounds.size() == 1);
  bench.monitor.see_sibling(not_reached(), bench.now);
  bench.run_for(seconds{1});
  CHECK(bench.rounds.size() == 1);

  bench.api_answers = {api(timeout)};
  bench.all(timeout);
  bench.run_for(minutes{2});
  CHECK(bench.holds() == "disconnected probe-timeout");
  bench.monitor.see_sibling(delivered(), bench.now);
  CHECK(bench.holds() == "connected ok-v4-only");
  CHECK(bench.monitor.confirmed() == bench.now);
  bench.rounds.clear();
  bench.run_for(seconds{59});
  CHECK(bench.rounds.empty());
}

TEST_CASE("a delivery during a round speaks against its failure, and none against hard evidence") {
  Bench bench;
  bench.settle();
  bench.answers = [&](const Round&) {
    bench.monitor.see_sibling(delivered(), bench.now);
    return Bench::Answers{tcp(timeout)};
  };
  bench.run_for(minutes{5});
  CHECK(bench.monitor.verdict()->state == State::connected);
  bench.see(k_gone);
  bench.monitor.see_sibling(delivered(), bench.now);
  CHECK(bench.holds() == "disconnected no-link");
}

TEST_CASE("a ladder that does not change, however often it is read, asks for nothing") {
  Bench bench;
  bench.settle();
  const auto wake = bench.monitor.next_wake();
  for (int i = 0; i < 2000; ++i) {
    bench.now += milliseconds{20};
    bench.see(k_v4);
  }
  CHECK(bench.monitor.next_wake() == wake);
  CHECK_FALSE(bench.monitor.next_round(bench.now));
}

TEST_CASE("what failed on the old way says nothing of the new one") {
  Bench bench;
  bench.settle();
  bench.answers = [&](const Round&) {
    bench.ladder[0].interface = "tun0";
    bench.monitor.see_ladder(bench.ladder, bench.now);
    return Bench::Answers{tcp(timeout)};
  };
  bench.run_for(seconds{61});
  CHECK(bench.rounds.size() > 1);
  CHECK(bench.rounds[1].tries == 1);
  CHECK(bench.monitor.verdict()->interface == "tun0");
}

TEST_CASE("sleep in the middle of a round makes it void") {
  Bench bench;
  bench.settle();
  int left = 1;
  bench.answers = [&](const Round&) {
    if (left-- > 0) {
      bench.now += seconds{8};
      bench.monitor.awake(bench.now);
      return Bench::Answers{tcp(timeout)};
    }
    return Bench::Answers{tcp(answered)};
  };
  bench.run_for(seconds{70});
  REQUIRE(bench.rounds.size() == 2);
  CHECK(bench.rounds[1].tries == 1);
  CHECK(bench.holds() == "connected no-api-configured");
}

TEST_CASE("a family that is silent beside one that answers is found out, and remembered") {
  Bench bench(k_with_api);
  bench.answers = [](const Round& round) {
    const bool is_survey = round.stop == core::net::StopAt::all;
    return Bench::Answers{tcp(answered), tcp6(is_survey ? timeout : not_sent)};
  };
  bench.see(k_both);
  bench.run_for(seconds{1});
  CHECK(bench.holds() == "connected ok");
  bench.run_for(seconds{20});
  CHECK(bench.holds() == "connected ok-v4-only");
  CHECK(bench.monitor.verdict()->of(netstate::Family::v6) == FamilyState::failed);
  bench.run_for(minutes{30});
  CHECK(bench.holds() == "connected ok-v4-only");
  bench.answers = [](const Round&) { return Bench::Answers{tcp(answered), tcp6(answered)}; };
  bench.run_for(minutes{40});
  CHECK(bench.holds() == "connected ok");
  CHECK(bench.monitor.since() == seconds{1000} + bench.takes);
}

TEST_CASE("a family that loses its way is left out at once") {
  Bench bench(k_with_api);
  bench.answers = [](const Round&) { return Bench::Answers{tcp(answered), tcp6(answered)}; };
  bench.ladder = k_both;
  bench.ladder[1].interface = "wlan0";
  bench.settle();
  CHECK(bench.holds() == "connected ok");
  auto less = bench.ladder;
  less[0] = k_no_route;
  bench.see(less);
  CHECK(bench.holds() == "connected ok-v6-only");
  CHECK(bench.monitor.verdict()->interface == "wlan0");
}

TEST_CASE("all endpoints are asked on a new network, and each hour where bytes count little") {
  for (const bool costs : {false, true}) {
    Bench bench;
    if (costs) bench.monitor.set_bytes(netstate::Bytes::cost_money);
    bench.see(k_v4);
    bench.run_for(hours{3} + minutes{1});
    const auto surveys = std::ranges::count(bench.rounds, core::net::StopAt::all, &Round::stop);
    CHECK(surveys == (costs ? 1 : 4));
  }
}

TEST_CASE("a first endpoint that others overtake is a reason to ask all, each ten minutes") {
  Bench bench;
  bench.settle();
  bench.answers = [](const Round& round) {
    auto first = http(round.stop == core::net::StopAt::all ? timeout : not_sent);
    first.bytes = 118;
    return Bench::Answers{first, tcp(answered)};
  };
  bench.run_for(hours{1});
  const auto surveys = std::ranges::count(bench.rounds, core::net::StopAt::all, &Round::stop);
  CHECK(surveys >= 5);
  CHECK(surveys <= 6);
  CHECK(bench.holds() == "connected no-api-configured");
}

TEST_CASE("names that are not resolved are found by asking all, and so that they are again") {
  for (const bool costs : {false, true}) {
    CAPTURE(costs);
    Bench bench;
    if (costs) bench.monitor.set_bytes(netstate::Bytes::cost_money);
    bench.answers = [](const Round& round) {
      if (round.tcp_only || round.stop == core::net::StopAt::first_answer) {
        return Bench::Answers{tcp(answered)};
      }
      return Bench::Answers{tcp(answered), http(dns_timeout)};
    };
    bench.see(k_v4);
    bench.run_for(seconds{10});
    CHECK(bench.holds() == "limited dns-failure");
    bench.run_for(hours{2});
    CHECK(bench.holds() == "limited dns-failure");
    CHECK(bench.monitor.since() < seconds{1010});
    bench.answers = [](const Round&) { return Bench::Answers{tcp(answered), http(answered)}; };
    bench.run_for(minutes{17});
    CHECK(bench.holds() == "connected no-api-configured");
  }
}

TEST_CASE("a check knows within 3.2 s that no name server answers") {
  Bench bench;
  bench.monitor.ask_all();
  bench.answers = [&](const Round& round) {
    bench.now += std::min(round.patience, Duration(seconds{2})) - bench.takes;
    return Bench::Answers{tcp(answered), http(dns_timeout)};
  };
  bench.see(k_v4);
  while (bench.monitor.is_deciding()) {
    bench.now = std::max(bench.now, *bench.monitor.next_wake());
    bench.step();
  }
  CHECK(bench.holds() == "limited dns-failure");
  CHECK(bench.now - seconds{1000} <= milliseconds{3200});
}

TEST_CASE("a check asks all at once") {
  Bench bench;
  bench.monitor.ask_all();
  bench.answers = [](const Round& round) {
    CHECK(round.stop == core::net::StopAt::all);
    return Bench::Answers{tcp(answered), http(wrong_answer)};
  };
  bench.see(k_v4);
  bench.step();
  CHECK(bench.holds() == "limited portal");
  CHECK_FALSE(bench.monitor.is_deciding());
}

TEST_CASE("another reason for the same state counts after three rounds") {
  Bench bench;
  bench.settle();
  bench.answers = [](const Round&) {
    auto slow = tcp(answered);
    slow.elapsed = milliseconds{1100};
    return Bench::Answers{slow};
  };
  bench.run_for(minutes{2});
  CHECK(bench.holds() == "connected no-api-configured");
  bench.run_for(minutes{1});
  CHECK(bench.holds() == "connected slow");
  bench.all(answered);
  bench.run_for(minutes{2});
  CHECK(bench.holds() == "connected slow");
  bench.run_for(minutes{1});
  CHECK(bench.holds() == "connected no-api-configured");
}

TEST_CASE("nothing could be sent: what held goes on to hold, unconfirmed") {
  Bench bench;
  bench.settle();
  bench.all(not_sent);
  const Duration before = bench.monitor.confirmed();
  bench.run_for(minutes{10});
  CHECK(bench.holds() == "connected not-probed");
  CHECK(bench.monitor.confirmed() == before);
  bench.all(answered);
  bench.run_for(minutes{2});
  CHECK(bench.holds() == "connected no-api-configured");
}

TEST_CASE("from silence to some answer is better at once") {
  Bench bench(k_with_api);
  bench.settle();
  bench.all(timeout);
  bench.api_answers = {api(timeout)};
  bench.run_for(minutes{5});
  CHECK(bench.monitor.verdict()->state == State::disconnected);
  bench.all(answered);
  bench.monitor.look_again(bench.now);
  bench.step();
  CHECK(bench.holds() == "limited api-timeout");
  bench.api_answers = {api(answered)};
  bench.monitor.look_again(bench.now);
  bench.step();
  CHECK(bench.holds() == "connected ok-v4-only");
}

TEST_CASE("hooks are told of what has settled") {
  Bench bench;
  bench.see(k_v4);
  bench.step();
  CHECK_FALSE(bench.monitor.is_settled(bench.now + milliseconds{1999}));
  CHECK(bench.monitor.is_settled(bench.now + seconds{2}));
  CHECK(bench.monitor.next_wake() == bench.now + seconds{2});
  bench.run_for(minutes{1});
  bench.see(k_gone);
  CHECK_FALSE(bench.monitor.is_settled(bench.now + milliseconds{999}));
  CHECK(bench.monitor.is_settled(bench.now + seconds{1}));
}

TEST_CASE("more than four changes in a minute are flapping, until thirty seconds are quiet") {
  Bench bench;
  bench.settle();
  for (int i = 1; i <= 5; ++i) {
    CHECK_FALSE(bench.monitor.is_flapping());
    bench.see(i % 2 == 1 ? k_gone : k_v4);
    bench.run_for(seconds{3});
  }
  CHECK(bench.monitor.is_flapping());
  CHECK_FALSE(bench.monitor.is_settled(bench.now));
  bench.run_for(seconds{26});
  CHECK(bench.monitor.is_flapping());
  bench.run_for(seconds{2});
  CHECK_FALSE(bench.monitor.is_flapping());
  CHECK(bench.monitor.is_settled(bench.now));
}

TEST_CASE("who goes on where another left off keeps state and order") {
  Bench before;
  before.settle();
  before.all(timeout);
  before.run_for(minutes{5});
  Bench bench;
  bench.monitor.resume(*before.monitor.verdict(), seconds{900}, 41);
  CHECK(bench.holds() == "disconnected probe-timeout");
  CHECK(bench.monitor.since() == seconds{900});
  bench.see(k_v4);
  bench.step();
  CHECK(bench.rounds[0].number == 42);
  CHECK(bench.holds() == "connected no-api-configured");
}
