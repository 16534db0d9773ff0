// SPDX-License-Identifier: MIT
#include "libcore/netstate/explanation.hpp"

#include <set>
#include <string>

#include <doctest/doctest.h>

#include "tests/fakes/evidence_in_words.hpp"

namespace netstate = core::netstate;
using core::Time;
using fakes::api;
using fakes::http;
using fakes::tcp;
using std::chrono::seconds;
using enum core::net::ProbeOutcome;

namespace {

constexpr Time k_now{std::chrono::sys_days{std::chrono::year{2026} / 1 / 2}};

// "rung|at|speaks|saw" on a line each.
std::string text_of(const netstate::Document& document) {
  std::string text;
  for (const auto& step : netstate::steps_of(document, k_now)) {
    text += step.rung + "|" + step.at + "|" + std::string(core::name_of(step.speaks)) + "|" +
            step.saw + "\n";
  }
  return text;
}

}  // namespace

TEST_CASE("every reason has a sentence of its own") {
  std::set<std::string_view> sentences;
  for (std::size_t i = 0; i < core::enum_names<netstate::Reason>.size(); ++i) {
    const auto sentence = netstate::sentence_of(static_cast<netstate::Reason>(i));
    CHECK_FALSE(sentence.empty());
    CHECK(sentences.insert(sentence).second);
  }
}

TEST_CASE("evidence is told rung by rung") {
  netstate::Document document;
  document.at = k_now - seconds{10};
  document.evidence.families = {fakes::k_way_out, fakes::k_no_addr};
  document.evidence.passive = {.age = seconds{2}, .is_stalled = false, .sockets = 3};
  auto portal = http(wrong_answer);
  portal.status = 302;
  portal.location = "http://10.0.0.1/login";
  document.evidence.basic = {tcp(answered), portal, tcp(not_sent)};
  document.evidence.siblings = {{.at = k_now, .is_delivered = false, .destination = "https://b"}};
  CHECK(text_of(document) ==
        "link||for|an interface is up and has a carrier\n"
        "addr|v4|for|a global address\n"
        "|v6|against|no global address\n"
        "route|v4|for|a default route over eth0 by 192.0.2.1\n"
        "|v6|against|no default route\n"
        "passive||for|3 connections, heard of 12s ago\n"
        "basic|tcp://192.0.2.7:443|for|answered\n"
        "|http://probe.example.org/204|against|wrong-answer, HTTP 302 -> http://10.0.0.1/login\n"
        "|tcp://192.0.2.7:443|neither|not needed\n"
        "api||neither|nobody was asked\n"
        "siblings|https://b|against|could not be reached\n");
}

TEST_CASE("what nobody looked at is said as well") {
  netstate::Document document;
  document.evidence.passive = {.age = seconds{1}, .is_stalled = true, .sockets = 1};
  document.at = k_now;
  document.evidence.api = {api(server_error, 503)};
  const auto text = text_of(document);
  CHECK(text.starts_with("link||neither|the kernel does not tell\n"));
  CHECK(text.find("passive||against|1 connection, heard of 1s ago, stalled\n") !=
        std::string::npos);
  CHECK(text.find("basic||neither|nobody was asked\n") != std::string::npos);
  CHECK(text.find("|against|server-error, HTTP 503\n") != std::string::npos);
}
