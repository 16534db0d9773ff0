// SPDX-License-Identifier: MIT
#include "libcore/net/socket_prober.hpp"

#include <chrono>
#include <memory>
#include <string>

#include <poll.h>

#include <doctest/doctest.h>

#include "libcore/sys/clock.hpp"
#include "libcore/sys/wait.hpp"
#include "tests/fakes/dns_server.hpp"
#include "tests/fakes/loopback_server.hpp"
#include "tests/fakes/net_namespace.hpp"
#include "tests/fakes/wire_bytes.hpp"

using core::Duration;
using core::net::DnsQuestion;
using core::net::DnsType;
using core::net::Family;
using core::net::parse_probe_target;
using core::net::ProbeLimits;
using core::net::ProbeOutcome;
using core::net::ProbeResult;
using core::net::ProbeTarget;
using core::net::SocketProber;
using core::net::StopAt;
using fakes::bytes_on_the_wire;
using fakes::in_own_network;
using fakes::LoopbackServer;
using fakes::Outside;
using fakes::v6_bytes_on_the_wire;
using namespace std::chrono_literals;

namespace {

const std::string k_no_content = "HTTP/1.1 204 No Content\r\nConnection: close\r\n\r\n";

std::vector<ProbeTarget> targets(const std::vector<std::string>& texts) {
  std::vector<ProbeTarget> parsed;
  for (const auto& text : texts) {
    parsed.push_back(parse_probe_target(text).value());
  }
  return parsed;
}

struct Round {
  std::vector<ProbeResult> results;
  Duration took{};

  [[nodiscard]] const ProbeResult& only() const {
    REQUIRE(results.size() == 1);
    return results.front();
  }
};

Round probe(const std::vector<std::string>& texts, const ProbeLimits& limits = {},
            StopAt stop = StopAt::all) {
  core::sys::SystemRandom random;
  const core::sys::SystemClock clock;
  const auto prober = SocketProber::create(random).value();
  const auto begin = clock.since_boot();
  REQUIRE(prober->start(targets(texts), limits, stop, begin).has_value());
  while (!prober->is_done()) {
    const auto left = std::max(*prober->next() - clock.since_boot(), Duration{0});
    REQUIRE(core::sys::wait_for(prober->fd(), POLLIN, left).has_value());
    prober->advance(clock.since_boot());
    REQUIRE(clock.since_boot() - begin < 20s);
  }
  CHECK_FALSE(prober->next());
  return {.results = prober->results(), .took = clock.since_boot() - begin};
}

std::unique_ptr<LoopbackServer> server(const Outside& outside, LoopbackServer::Script script,
                                       const std::string& address = "198.51.100.1", int port = 0) {
  return outside.there(
      [&] { return std::make_unique<LoopbackServer>(std::move(script), port, address); });
}

std::unique_ptr<fakes::DnsServer> name_server(const Outside& outside,
                                              fakes::DnsServer::Script script,
                                              const std::string& address = "198.51.100.2") {
  return outside.there(
      [&] { return std::make_unique<fakes::DnsServer>(std::move(script), address); });
}

fakes::DnsServer::Script naming(std::vector<std::string> v4, std::vector<std::string> v6 = {}) {
  return [v4 = std::move(v4), v6 = std::move(v6)](const DnsQuestion& question,
                                                  const std::string& query) {
    return fakes::dns_answer(query, 0, question.type == DnsType::a ? v4 : v6);
  };
}

fakes::DnsServer::Script saying(int code) {
  return [code](const DnsQuestion&, const std::string& query) {
    return fakes::dns_answer(query, code);
  };
}

fakes::DnsServer::Script silence() {
  return [](const DnsQuestion&, const std::string&) { return std::string{}; };
}

ProbeLimits asking(const std::vector<std::string>& resolvers) {
  ProbeLimits limits;
  limits.resolvers = resolvers;
  return limits;
}

const ProbeLimits k_usual = asking({"198.51.100.2"});

// Whoever waits for one of these times is told from a machine that is busy for some seconds.
ProbeLimits patient(ProbeLimits limits) {
  limits.dns_try = 15s;
  limits.connect = 15s;
  limits.whole = 15s;
  return limits;
}

// Whether what the results say is what went over the wire since `before`; the last segments may
// still be on their way.
bool is_counted(const Round& round, std::uint64_t before) {
  std::uint64_t told = 0;
  for (const auto& result : round.results)
    told += result.bytes;
  const auto end = std::chrono::steady_clock::now() + 2s;
  while (bytes_on_the_wire() - before < told && std::chrono::steady_clock::now() < end)
    core::sys::pause(1ms);
  core::sys::pause(20ms);
  const auto seen = bytes_on_the_wire() - before;
  if (seen != told) MESSAGE("told: ", told, ", seen: ", seen);
  return seen == told;
}

std::string tcp(const LoopbackServer& server, const std::string& host = "198.51.100.1") {
  return "tcp://" + host + ":" + std::to_string(server.port());
}

std::string http(const LoopbackServer& server, const std::string& rest = "/",
                 const std::string& host = "198.51.100.1") {
  return "http://" + host + ":" + std::to_string(server.port()) + rest;
}

}  // namespace

TEST_CASE("a port that answers is an answer, in both families, and its bytes are counted") {
  in_own_network([] {
    const Outside outside;
    const auto v4 = server(outside, fakes::silent());
    const auto v6 = server(outside, fakes::silent(), "2001:db8:1::1");
    auto before = bytes_on_the_wire();
    auto round = probe({tcp(*v4)});
    CHECK(round.only().outcome == ProbeOutcome::answered);
    CHECK(round.only().family == Family::v4);
    CHECK(round.only().address == "198.51.100.1");
    CHECK(round.only().times.connect.has_value());
    CHECK(round.only().bytes == 280);
    CHECK(is_counted(round, before));
    bool is_exact = false;
    for (int i = 0; i < 5 && !is_exact; ++i) {
      before = v6_bytes_on_the_wire();
      round = probe({tcp(*v6, "[2001:db8:1::1]")});
      CHECK(round.only().family == Family::v6);
      CHECK(round.only().bytes == 360);
      core::sys::pause(20ms);
      is_exact = v6_bytes_on_the_wire() - before == 360;
    }
    CHECK(is_exact);
  });
}

TEST_CASE("an HTTP answer is judged, and its bytes are counted") {
  in_own_network([] {
    const Outside outside;
    const auto good = server(outside, fakes::closing_after(k_no_content));
    const auto portal = server(outside, fakes::closing_after("HTTP/1.1 302 Found\r\nLocation: "
                                                             "http://10.0.0.1/login\r\n"
                                                             "Content-Length: 0\r\n\r\n"));
    const auto page = server(
        outside, fakes::closing_after(
                     "HTTP/1.1 200 OK\r\n\r\n<meta http-equiv=refresh content='0;url=/in'>"));
    auto before = bytes_on_the_wire();
    auto round = probe({http(*good, "/generate_204")});
    CHECK(round.only().outcome == ProbeOutcome::answered);
    CHECK(round.only().status == 204);
    CHECK(round.only().times.first_byte.has_value());
    CHECK(is_counted(round, before));
    before = bytes_on_the_wire();
    round = probe({http(*portal), http(*page)});
    REQUIRE(round.results.size() == 2);
    CHECK(round.results[0].outcome == ProbeOutcome::wrong_answer);
    CHECK(round.results[0].location == "http://10.0.0.1/login");
    CHECK(round.results[1].outcome == ProbeOutcome::wrong_answer);
    CHECK(round.results[1].location.ends_with("/in"));
    CHECK(is_counted(round, before));
  });
}

TEST_CASE("a server that keeps the connection open does not hold the answer up") {
  in_own_network([] {
    const Outside outside;
    const auto open =
        server(outside, fakes::answering("HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n"));
    const auto before = bytes_on_the_wire();
    const auto round = probe({http(*open)}, patient({}));
    CHECK(round.only().outcome == ProbeOutcome::answered);
    CHECK(round.took < 10s);
    CHECK(is_counted(round, before));
  });
}

TEST_CASE("each way of not being answered has its name") {
  in_own_network([] {
    const Outside outside;
    const auto mute = server(outside, fakes::silent());
    const auto rude = server(outside, [](fakes::Connection& connection) {
      connection.read_request();
      connection.reset_at_end();
    });
    const auto other = server(outside, fakes::closing_after("SSH-2.0-x\r\n"));
    fakes::shell(
        "ip route add unreachable 203.0.113.2 && ip route add prohibit 203.0.113.3\n"
        "ip route add blackhole 203.0.113.4\n");
    ProbeLimits limits;
    limits.connect = 1s;
    limits.whole = 2s;
    const auto round = probe({"tcp://198.51.100.1:9", http(*mute), http(*rude), http(*other),
                              "tcp://203.0.113.2:9", "tcp://203.0.113.3:9", "tcp://203.0.113.4:9"},
                             limits);
    const std::vector<ProbeOutcome> expected{ProbeOutcome::refused,     ProbeOutcome::timeout,
                                             ProbeOutcome::lost,        ProbeOutcome::wrong_answer,
                                             ProbeOutcome::unreachable, ProbeOutcome::unreachable,
                                             ProbeOutcome::unreachable};
    for (std::size_t i = 0; i < expected.size(); ++i) {
      CHECK_MESSAGE(round.results[i].outcome == expected[i],
                    round.results[i].endpoint << ": " << round.results[i].message);
    }
    CHECK(round.took < 10s);
  });
}

TEST_CASE("an ICMP error ends a probe at once, and silence when its time is over") {
  in_own_network([] {
    const Outside outside;
    outside.there(
        "echo 1 > /proc/sys/net/ipv4/ip_forward\n"
        "ip route add unreachable 203.0.113.1 && ip route add blackhole 203.0.113.2\n");
    auto round = probe({"tcp://203.0.113.1:9"}, patient({}));
    CHECK(round.only().outcome == ProbeOutcome::unreachable);
    CHECK(round.took < 10s);
    ProbeLimits limits;
    limits.whole = 15s;
    round = probe({"tcp://203.0.113.2:9"}, limits);
    CHECK(round.only().outcome == ProbeOutcome::timeout);
    CHECK(round.took >= 1500ms);
    CHECK(round.took < 10s);
  });
}

TEST_CASE("a refusal and its bytes are told") {
  in_own_network([] {
    const Outside outside;
    const auto before = bytes_on_the_wire();
    CHECK(probe({"tcp://[2001:db8:1::1]:9"}).only().outcome == ProbeOutcome::refused);
    const auto round = probe({"tcp://198.51.100.1:9"});
    CHECK(round.only().outcome == ProbeOutcome::refused);
    CHECK(is_counted(round, before));
  });
}

TEST_CASE("a name is resolved, and the bytes of that are counted") {
  in_own_network([] {
    const Outside outside;
    const auto names = name_server(outside, naming({"198.51.100.1"}, {"2001:db8:1::1"}));
    const auto v6 = server(outside, fakes::silent(), "2001:db8:1::1", 4444);
    const auto before = bytes_on_the_wire();
    auto round = probe({"tcp://a.example:4444"}, k_usual);
    CHECK(round.only().outcome == ProbeOutcome::answered);
    CHECK(round.only().family == Family::v6);
    CHECK(round.only().times.dns.has_value());
    CHECK(names->questions() == 2);
    round.results[0].bytes -= 360;  // the connection
    CHECK(is_counted(round, before));
  });
}

TEST_CASE("only the wanted family is asked for") {
  in_own_network([] {
    const Outside outside;
    const auto names = name_server(outside, naming({"198.51.100.1"}, {"2001:db8:1::1"}));
    const auto v4 = server(outside, fakes::silent(), "198.51.100.1", 4444);
    auto limits = k_usual;
    limits.family = Family::v4;
    CHECK(probe({"tcp://a.example:4444"}, limits).only().family == Family::v4);
    CHECK(names->questions() == 1);
    const auto none = probe({"tcp://[2001:db8:1::1]:4444"}, limits);
    CHECK(none.only().outcome == ProbeOutcome::not_sent);
    CHECK(none.only().bytes == 0);
  });
}

TEST_CASE("IPv6 that leads into the dark costs a quarter of a second, no more") {
  in_own_network([] {
    const Outside outside;
    const auto names = name_server(outside, naming({"198.51.100.1"}, {"2001:db8:666::1"}));
    const auto v4 = server(outside, fakes::silent(), "198.51.100.1", 4444);
    outside.there("ip -6 route add blackhole 2001:db8:666::/48");
    auto limits = patient(k_usual);
    auto round = probe({"tcp://a.example:4444"}, limits);
    CHECK(round.only().outcome == ProbeOutcome::answered);
    CHECK(round.only().family == Family::v4);
    CHECK(round.took >= 250ms);
    CHECK(round.took < 10s);
    fakes::shell("ip -6 route add unreachable 2001:db8:666::/48");
    limits.stagger = 15s;
    round = probe({"tcp://a.example:4444"}, limits);
    CHECK(round.only().family == Family::v4);
    CHECK(round.took < 10s);
  });
}

TEST_CASE("a black hole of DNS is told within 3.2 seconds") {
  in_own_network([] {
    const Outside outside;
    const auto mute = name_server(outside, silence());
    const std::vector<std::string> texts{"http://a.example/", "http://b.example/",
                                         "tcp://c.example:443"};
    Round round;
    std::uint64_t before = 0;
    int asked_before = 0;
    // A busy machine may be late, but not each time.
    for (int i = 0; i < 5 && (i == 0 || round.took >= 3200ms); ++i) {
      before = bytes_on_the_wire();
      asked_before = mute->questions();
      round = probe(texts, k_usual, StopAt::first_answer);
    }
    for (const auto& result : round.results)
      CHECK(result.outcome == ProbeOutcome::dns_timeout);
    CHECK(mute->questions() - asked_before == 12);
    CHECK(is_counted(round, before));
    CHECK(round.took >= 2s);
    CHECK(round.took < 3200ms);
  });
}

TEST_CASE("one resolver that answers is enough") {
  in_own_network([] {
    const Outside outside;
    const auto mute = name_server(outside, silence(), "10.9.0.2");
    const auto names = name_server(outside, naming({"198.51.100.1"}));
    const auto v4 = server(outside, fakes::silent(), "198.51.100.1", 4444);
    const auto round = probe({"tcp://a.example:4444"},
                             patient(asking({"10.9.0.2", "203.0.113.7", "198.51.100.2"})));
    CHECK(round.only().outcome == ProbeOutcome::answered);
    CHECK(round.took < 10s);
  });
}

TEST_CASE("a resolver that misses the first question is asked again") {
  in_own_network([] {
    const Outside outside;
    std::atomic<int> count = 0;
    const auto names = name_server(
        outside, [&](const DnsQuestion& question, const std::string& query) -> std::string {
          if (++count <= 2) return {};
          return naming({"198.51.100.1"})(question, query);
        });
    const auto v4 = server(outside, fakes::silent(), "198.51.100.1", 4444);
    auto limits = patient(k_usual);
    limits.dns_try = 2s;
    const auto round = probe({"tcp://a.example:4444"}, limits);
    CHECK(round.only().outcome == ProbeOutcome::answered);
    CHECK(*round.only().times.dns >= 2s);
  });
}

TEST_CASE("what a resolver says instead of addresses is told apart") {
  in_own_network([] {
    const Outside outside;
    const auto outcome_of = [&](const fakes::DnsServer::Script& script) {
      const auto names = name_server(outside, script);
      const auto round = probe({"tcp://a.example:9"}, patient(k_usual));
      CHECK(round.took < 10s);
      return round.only().outcome;
    };
    CHECK(outcome_of(saying(3)) == ProbeOutcome::dns_no_name);
    CHECK(outcome_of(saying(0)) == ProbeOutcome::dns_no_name);
    CHECK(outcome_of(saying(2)) == ProbeOutcome::dns_refused);
    CHECK(outcome_of(saying(5)) == ProbeOutcome::dns_refused);
    CHECK(outcome_of(naming({"0.0.0.0"}, {"::"})) == ProbeOutcome::dns_no_name);
    // Nobody listens there any more: ICMP says so.
    CHECK(probe({"tcp://a.example:9"}, k_usual).only().outcome == ProbeOutcome::dns_refused);
    fakes::shell("ip route add unreachable 198.51.100.2");
    CHECK(probe({"tcp://a.example:9"}, k_usual).only().outcome == ProbeOutcome::unreachable);
  });
}

TEST_CASE("a public name that leads into a private network is hijacked") {
  in_own_network([] {
    const Outside outside;
    auto limits = k_usual;
    const auto outcome_of = [&](const std::string& name, std::vector<std::string> addresses) {
      const auto names = name_server(outside, naming(std::move(addresses)));
      return probe({"tcp://" + name + ":9"}, limits).only().outcome;
    };
    CHECK(outcome_of("a.example", {"10.9.0.2"}) == ProbeOutcome::hijacked);
    CHECK(outcome_of("a.example", {"127.0.0.1"}) == ProbeOutcome::hijacked);
    CHECK(outcome_of("printer.lan", {"10.9.0.2"}) == ProbeOutcome::refused);
    CHECK(outcome_of("printer", {"10.9.0.2"}) == ProbeOutcome::refused);
    CHECK(outcome_of("a.example", {"198.51.100.1"}) == ProbeOutcome::refused);
    limits.own = {{.text = "198.51.100.77", .prefix = 24}};
    CHECK(outcome_of("a.example", {"198.51.100.1"}) == ProbeOutcome::hijacked);
  });
}

TEST_CASE("a DNS server is asked itself, whatever the resolvers are") {
  in_own_network([] {
    const Outside outside;
    {
      const auto names = name_server(outside, naming({"198.51.100.1"}));
      const auto before = bytes_on_the_wire();
      const auto round =
          probe({"dns://198.51.100.2?name=a.example", "dns://198.51.100.2"}, asking({"10.9.0.9"}));
      CHECK(round.results[0].outcome == ProbeOutcome::answered);
      CHECK(round.results[0].family == Family::v4);
      CHECK(is_counted(round, before));
    }
    {
      const auto names = name_server(outside, saying(0));
      CHECK(probe({"dns://198.51.100.2"}).only().outcome == ProbeOutcome::answered);
      CHECK(probe({"dns://198.51.100.2?name=a.example"}).only().outcome ==
            ProbeOutcome::dns_no_name);
    }
    const auto liar = name_server(outside, naming({"10.9.0.2"}));
    CHECK(probe({"dns://198.51.100.2?name=a.example"}).only().outcome == ProbeOutcome::hijacked);
  });
}

TEST_CASE("when one answer is enough the others are spared") {
  in_own_network([] {
    const Outside outside;
    const auto good = server(outside, fakes::silent());
    auto round = probe({tcp(*good), tcp(*good), tcp(*good)}, {}, StopAt::first_answer);
    CHECK(round.results[0].is_answered());
    CHECK(round.results[1].outcome == ProbeOutcome::not_sent);
    CHECK(round.results[2].bytes == 0);
    // One that fails makes room at once.
    auto limits = patient({});
    limits.stagger = 15s;
    round = probe({"tcp://198.51.100.1:9", tcp(*good)}, limits, StopAt::first_answer);
    CHECK(round.results[0].outcome == ProbeOutcome::refused);
    CHECK(round.results[1].is_answered());
    CHECK(round.took < 10s);
    // One that is silent has a quarter of a second.
    const auto mute = server(outside, fakes::silent());
    round = probe({http(*mute), tcp(*good)}, patient({}), StopAt::first_answer);
    CHECK(round.results[0].outcome == ProbeOutcome::not_sent);
    CHECK(round.results[0].bytes > 0);
    CHECK(round.results[1].is_answered());
    CHECK(round.took >= 250ms);
    CHECK(round.took < 10s);
  });
}

TEST_CASE("a round that is given up is over, with what it has cost") {
  in_own_network([] {
    const Outside outside;
    const auto mute = name_server(outside, silence());
    const auto before = bytes_on_the_wire();
    core::sys::SystemRandom random;
    const core::sys::SystemClock clock;
    const auto prober = SocketProber::create(random).value();
    prober->give_up();
    CHECK(prober->results().empty());
    REQUIRE(prober
                ->start(targets({"tcp://a.example:80", "tcp://b.example:80"}), k_usual,
                        StopAt::first_answer, clock.since_boot())
                .has_value());
    prober->give_up();
    CHECK(prober->is_done());
    CHECK_FALSE(prober->next());
    const auto results = prober->results();
    REQUIRE(results.size() == 2);
    CHECK(results[0].outcome == ProbeOutcome::not_sent);
    CHECK(results[0].bytes > 0);
    CHECK(results[1].bytes == 0);
    CHECK(is_counted({.results = results, .took = {}}, before));
  });
}

TEST_CASE("a probe goes over the interface that is named, or is not sent") {
  in_own_network([] {
    const Outside outside;
    const auto good = server(outside, fakes::silent());
    ProbeLimits limits;
    limits.interface = "v0";
    CHECK(probe({tcp(*good)}, limits).only().is_answered());
    limits.interface = "lo";
    CHECK_FALSE(probe({tcp(*good)}, limits).only().is_answered());
    limits.interface = "nothing0";
    const auto none = probe({tcp(*good)}, limits).only();
    CHECK(none.outcome == ProbeOutcome::not_sent);
    CHECK(none.message.find("nothing0") != std::string::npos);
  });
}

TEST_CASE("a round of nothing is done, and a resolver must be an address") {
  CHECK(probe({}).results.empty());
  core::sys::SystemRandom random;
  const auto prober = SocketProber::create(random).value();
  CHECK(prober->start({}, asking({"resolver.example"}), StopAt::all, 0s).error().code ==
        core::Errc::usage);
}
