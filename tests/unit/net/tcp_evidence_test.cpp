// SPDX-License-Identifier: MIT
#include "libcore/net/tcp_evidence.hpp"

#include <chrono>
#include <string>

#include <sys/socket.h>

#include <arpa/inet.h>
#include <doctest/doctest.h>
#include <linux/inet_diag.h>
#include <linux/sock_diag.h>
#include <netinet/in.h>

#include "libcore/net/tcp_messages.hpp"
#include "libcore/sys/fd.hpp"
#include "libcore/sys/wait.hpp"
#include "tests/fakes/loopback_server.hpp"
#include "tests/fakes/net_namespace.hpp"

using core::net::Address;
using core::net::TcpEvidence;
using core::net::TcpSurvey;
using namespace std::chrono_literals;

namespace {

tcp_info heard(std::uint32_t milliseconds_ago) {
  tcp_info facts{};
  facts.tcpi_last_data_recv = 90'000;
  facts.tcpi_last_ack_recv = milliseconds_ago;
  return facts;
}

tcp_info stalled(std::uint32_t milliseconds_ago, std::chrono::microseconds timeout) {
  auto facts = heard(milliseconds_ago);
  facts.tcpi_retransmits = 1;
  facts.tcpi_unacked = 2;
  facts.tcpi_rto = static_cast<std::uint32_t>(timeout.count());
  return facts;
}

core::sys::Fd connected_to(const std::string& host, int port) {
  const auto address = *core::net::parse_ip(host);
  sockaddr_in v4{};
  v4.sin_family = AF_INET;
  v4.sin_port = htons(static_cast<std::uint16_t>(port));
  std::memcpy(&v4.sin_addr, address.bytes.data(), 4);
  core::sys::Fd fd(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0));
  REQUIRE(::connect(fd.get(), reinterpret_cast<const sockaddr*>(&v4), sizeof v4) == 0);
  return fd;
}

std::optional<TcpEvidence> evidence_now() {
  const auto links = core::net::Links::open();
  REQUIRE(links.has_value());
  const auto evidence = core::net::read_tcp_evidence(links->read().value().addresses);
  REQUIRE_MESSAGE(evidence.has_value(), (evidence ? "" : evidence.error().message));
  return *evidence;
}

}  // namespace

TEST_CASE("evidence is as young as the last segment of any connection") {
  TcpSurvey survey;
  CHECK_FALSE(survey.evidence());
  survey.add(heard(5'000));
  survey.add(heard(1'200));
  survey.add(heard(60'000));
  CHECK(survey.evidence()->age == 1'200ms);
  CHECK(survey.evidence()->sockets == 3);
  CHECK_FALSE(survey.evidence()->is_stalled);
}

TEST_CASE("segments that are sent again are a stall unless something came meanwhile") {
  TcpSurvey survey;
  survey.add(stalled(900, 800ms));
  CHECK(survey.evidence()->is_stalled);
  survey.add(heard(100));
  CHECK_FALSE(survey.evidence()->is_stalled);
}

TEST_CASE("a segment that is on its way for the first time is no stall") {
  TcpSurvey survey;
  auto facts = stalled(90'000, 200ms);
  facts.tcpi_retransmits = 0;
  survey.add(facts);
  CHECK_FALSE(survey.evidence()->is_stalled);
}

TEST_CASE("only peers behind the own networks are outside") {
  const std::vector<Address> own{{.text = "192.0.2.7", .prefix = 25},
                                 {.text = "2001:db8:9::1", .prefix = 64},
                                 {.text = "198.51.100.9", .prefix = 0}};
  const auto outside = [&](const char* peer) {
    return core::net::is_outside(*core::net::parse_ip(peer), own);
  };
  CHECK(outside("198.51.100.1"));
  CHECK(outside("192.0.2.200"));
  CHECK_FALSE(outside("192.0.2.100"));
  CHECK(outside("2001:db8:1::1"));
  CHECK_FALSE(outside("2001:db8:9::2"));
  for (const auto* peer : {"127.0.0.1", "172.17.0.2", "10.244.0.3", "fe80::1", "fd00::1", "::1"})
    CHECK_MESSAGE(!outside(peer), peer);
}

TEST_CASE("the facts of an older kernel are taken as far as they go") {
  inet_diag_msg fixed{};
  fixed.idiag_family = AF_INET;
  fixed.id.idiag_dst[0] = htonl(0xC6336401);
  std::string payload(core::net::bytes_of(fixed));
  const auto facts = heard(7);
  core::net::append_attribute(payload, INET_DIAG_INFO, core::net::bytes_of(facts).substr(0, 104));
  const auto connection =
      core::net::parse_connection({.type = SOCK_DIAG_BY_FAMILY, .payload = payload});
  REQUIRE(connection.has_value());
  CHECK(connection->peer.text() == "198.51.100.1");
  CHECK(connection->facts.tcpi_last_ack_recv == 7);
  CHECK(connection->facts.tcpi_bytes_sent == 0);
  for (std::size_t length = 0; length < sizeof fixed + 4; ++length) {
    CHECK_FALSE(core::net::parse_connection(
        {.type = SOCK_DIAG_BY_FAMILY, .payload = std::string_view(payload).substr(0, length)}));
  }
}

TEST_CASE("a connection to the outside is evidence; one to a neighbour or to itself is none") {
  fakes::in_own_network([] {
    const fakes::Outside outside;
    const auto serve = [&](const std::string& address) {
      return outside.there(
          [&] { return std::make_unique<fakes::LoopbackServer>(fakes::silent(), 0, address); });
    };
    const fakes::LoopbackServer itself(fakes::silent());
    const auto neighbour = serve("10.9.0.2");
    const auto far = serve("198.51.100.1");
    CHECK_FALSE(evidence_now());
    const auto a = connected_to("127.0.0.1", itself.port());
    const auto b = connected_to("10.9.0.2", neighbour->port());
    CHECK_FALSE(evidence_now());
    const auto c = connected_to("198.51.100.1", far->port());
    const auto evidence = evidence_now();
    REQUIRE(evidence.has_value());
    CHECK(evidence->sockets == 1);
    CHECK(evidence->age < 20s);
    CHECK_FALSE(evidence->is_stalled);
  });
}

TEST_CASE("traffic that vanishes is seen as a stall") {
  fakes::in_own_network([] {
    const fakes::Outside outside;
    const auto far = outside.there(
        [] { return std::make_unique<fakes::LoopbackServer>(fakes::silent(), 0, "198.51.100.1"); });
    const auto connection = connected_to("198.51.100.1", far->port());
    outside.there("ip addr del 198.51.100.1/32 dev lo && ip route add blackhole 198.51.100.1/32");
    REQUIRE(::send(connection.get(), "x", 1, MSG_NOSIGNAL) == 1);
    const auto begin = std::chrono::steady_clock::now();
    bool is_stalled = false;
    while (!is_stalled && std::chrono::steady_clock::now() - begin < 10s) {
      core::sys::pause(20ms);
      is_stalled = evidence_now()->is_stalled;
    }
    CHECK(is_stalled);
    MESSAGE("stall seen after ",
            std::chrono::duration_cast<std::chrono::milliseconds>(std::chrono::steady_clock::now() -
                                                                  begin)
                .count(),
            " ms");
  });
}
