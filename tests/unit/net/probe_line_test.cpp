// SPDX-License-Identifier: MIT
#include "libcore/net/probe_line.hpp"

#include <chrono>

#include <doctest/doctest.h>

using core::net::Family;
using core::net::format_probe_line;
using core::net::parse_probe_line;
using core::net::ProbeKind;
using core::net::ProbeOutcome;
using core::net::ProbeResult;
using namespace std::chrono_literals;

TEST_CASE("the result of a probe comes back from its line as it was") {
  const ProbeResult result{
      .kind = ProbeKind::api,
      .endpoint = "https://api.example/health?\"q\"",
      .family = Family::v6,
      .silent = Family::v4,
      .outcome = ProbeOutcome::throttled,
      .elapsed = 21'400us,
      .status = 429,
      .location = "http://10.0.0.1/login",
      .message = "HTTP 429",
      .retry_after = 90s,
      .date = core::parse_time("2026-11-21T02:25:00Z").value(),
      .bytes = 2970,
      .address = "2001:db8::1",
      .times = {.dns = 1ms, .connect = 2'500us, .tls = 3ms, .first_byte = 4us}};
  const auto line = format_probe_line(result);
  CHECK(line.find("\"ok\":true") != std::string::npos);
  CHECK(line.find("\"ms\":21.4,") != std::string::npos);
  const auto back = parse_probe_line(line);
  REQUIRE(back.has_value());
  CHECK(format_probe_line(*back) == line);
  CHECK(back->endpoint == result.endpoint);
  CHECK(back->silent == Family::v4);
  CHECK(back->elapsed == result.elapsed);
  CHECK(back->retry_after == result.retry_after);
  CHECK(back->date == result.date);
  CHECK(back->times == result.times);
}

TEST_CASE("a line says only what is known") {
  const auto line = format_probe_line({.kind = ProbeKind::tcp, .outcome = ProbeOutcome::timeout});
  CHECK(line == R"({"kind":"tcp","endpoint":"","ok":false,"outcome":"timeout","ms":0,"bytes":0})");
  const auto back = parse_probe_line(line);
  REQUIRE(back.has_value());
  CHECK_FALSE(back->family.has_value());
  CHECK_FALSE(back->date.has_value());
  CHECK(back->status == 0);
}

TEST_CASE("what is not the result of a probe is refused, and what is odd in it left out") {
  for (const auto* text :
       {"", "{}", "[]", "{\"kind\":\"api\"}", "{\"kind\":\"x\",\"outcome\":\"tls\"}"})
    CHECK(parse_probe_line(text).error().code == core::Errc::corrupt);
  const auto odd = parse_probe_line(
      R"({"kind":"api","outcome":"tls","ms":"x","status":99999,"bytes":-3,"dns_ms":1e300,"date":5})");
  REQUIRE(odd.has_value());
  CHECK(odd->elapsed == 0us);
  CHECK(odd->status == 0);
  CHECK(odd->bytes == 0);
  CHECK_FALSE(odd->times.dns.has_value());
}
