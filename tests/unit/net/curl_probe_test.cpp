// SPDX-License-Identifier: MIT
#include "libcore/net/curl_probe.hpp"

#include <chrono>
#include <map>
#include <memory>
#include <string>
#include <thread>
#include <vector>

#include <doctest/doctest.h>

#include "libcore/sys/wait.hpp"
#include "tests/fakes/loopback_server.hpp"
#include "tests/fakes/net_namespace.hpp"
#include "tests/fakes/wire_bytes.hpp"

using core::net::CurlProbeLimits;
using core::net::probe_by_curl;
using core::net::ProbeOutcome;
using core::net::ProbeResult;
using fakes::LoopbackServer;
using namespace std::chrono_literals;

namespace {

std::vector<ProbeResult> ask(const std::vector<std::string>& urls,
                             const CurlProbeLimits& limits = {}) {
  std::vector<ProbeResult> results(urls.size());
  std::size_t told = 0;
  const auto done = probe_by_curl(urls, limits, [&](std::size_t index, const ProbeResult& result) {
    results.at(index) = result;
    ++told;
  });
  REQUIRE(done.has_value());
  CHECK(told == urls.size());
  return results;
}

std::string saying(int status, const std::string& fields = {}) {
  return "HTTP/1.1 " + std::to_string(status) + " X\r\nContent-Length: 5\r\n" + fields +
         "\r\nhello";
}

}  // namespace

TEST_CASE("an API that answers below 500 is reached, whatever it says") {
  const std::map<int, ProbeOutcome> expected{
      {200, ProbeOutcome::answered},     {204, ProbeOutcome::answered},
      {401, ProbeOutcome::turned_away},  {404, ProbeOutcome::turned_away},
      {429, ProbeOutcome::throttled},    {500, ProbeOutcome::server_error},
      {503, ProbeOutcome::server_error}, {511, ProbeOutcome::wrong_answer}};
  for (const auto& [status, outcome] : expected) {
    const LoopbackServer server(fakes::closing_after(
        saying(status, "Date: Sun, 06 Nov 1994 08:49:37 GMT\r\nRetry-After: 120\r\n")));
    const auto result = ask({server.url("/health")}).front();
    CHECK_MESSAGE(result.outcome == outcome, status);
    CHECK(result.status == status);
    CHECK(result.retry_after == 120s);
    CHECK(result.date == core::parse_time("1994-11-06T08:49:37Z").value());
    CHECK(result.times.connect.has_value());
    CHECK(result.times.first_byte.has_value());
    CHECK_FALSE(result.times.tls.has_value());
    CHECK(result.address == "127.0.0.1");
  }
}

TEST_CASE("a redirect without TLS may come from anybody") {
  const LoopbackServer portal(fakes::closing_after(saying(302, "Location: /login\r\n")));
  const auto result = ask({portal.url("/health")}).front();
  CHECK(result.outcome == ProbeOutcome::wrong_answer);
  CHECK(result.location == portal.url("/login"));
}

TEST_CASE("all are asked at once, and each ends in its own way") {
  const LoopbackServer good(fakes::answering(saying(200)));
  const LoopbackServer mute(fakes::silent());
  const LoopbackServer rude([](fakes::Connection& connection) {
    connection.read_request();
    connection.reset_at_end();
  });
  const LoopbackServer other(fakes::closing_after("SSH-2.0-x\r\n"));
  const LoopbackServer talkative([](fakes::Connection& connection) {
    connection.write("SSH-2.0-x\r\n");
    connection.wait_for_end();
  });
  CurlProbeLimits limits;
  limits.whole = 2s;
  const auto begin = std::chrono::steady_clock::now();
  const auto refusing = "http://127.0.0.1:" + std::to_string(fakes::hold_port());
  const auto cleartext = "https://127.0.0.1:" + std::to_string(talkative.port());
  const auto results = ask(
      {good.url(), mute.url(), rude.url(), other.url(), refusing, "ftp://x", cleartext}, limits);
  const std::vector<ProbeOutcome> expected{ProbeOutcome::answered, ProbeOutcome::timeout,
                                           ProbeOutcome::lost,     ProbeOutcome::wrong_answer,
                                           ProbeOutcome::refused,  ProbeOutcome::not_sent,
                                           ProbeOutcome::tls};
  for (std::size_t i = 0; i < expected.size(); ++i) {
    CHECK_MESSAGE(results[i].outcome == expected[i],
                  i << ": " << results[i].endpoint << ": " << results[i].message);
    if (expected[i] != ProbeOutcome::answered) CHECK_FALSE(results[i].message.empty());
  }
  CHECK(results[1].message == "no answer in time");
  CHECK(std::chrono::steady_clock::now() - begin < 20s);
}

TEST_CASE("a name that nobody knows is no name") {
  const auto result = ask({"https://nosuchhost.invalid/"}).front();
  CHECK(result.outcome == ProbeOutcome::dns_no_name);
}

TEST_CASE("what an API costs is what the kernel has counted") {
  fakes::in_own_network([] {
    const fakes::Outside outside;
    const auto serve = [&](fakes::LoopbackServer::Script script) {
      return outside.there(
          [&] { return std::make_unique<LoopbackServer>(std::move(script), 0, "198.51.100.1"); });
    };
    const auto server = serve(fakes::answering(saying(200)));
    const auto before = fakes::bytes_on_the_wire();
    const auto url = "http://198.51.100.1:" + std::to_string(server->port()) + "/";
    const auto result = ask({url}).front();
    CHECK(result.outcome == ProbeOutcome::answered);
    const auto end = std::chrono::steady_clock::now() + 2s;
    while (fakes::bytes_on_the_wire() - before < result.bytes &&
           std::chrono::steady_clock::now() < end)
      core::sys::pause(1ms);
    CHECK(fakes::bytes_on_the_wire() - before == result.bytes);
  });
}
