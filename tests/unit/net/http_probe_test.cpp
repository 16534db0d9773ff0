// SPDX-License-Identifier: MIT
#include "libcore/net/http_probe.hpp"

#include <string>

#include <doctest/doctest.h>

using core::net::parse_probe_target;
using core::net::ProbeKind;
using core::net::ProbeOutcome;
using core::net::ProbeResult;
using core::net::ProbeTarget;
using core::net::read_probe_answer;
using namespace std::chrono_literals;

namespace {

ProbeTarget target(const std::string& text) {
  auto parsed = parse_probe_target(text);
  REQUIRE_MESSAGE(parsed.has_value(), (parsed ? "" : parsed.error().message));
  return *std::move(parsed);
}

ProbeResult judged(const std::string& endpoint, const std::string& bytes) {
  ProbeResult result;
  const auto answer = read_probe_answer(bytes);
  REQUIRE(answer.has_value());
  REQUIRE(answer->has_value());
  core::net::judge_probe_answer(target(endpoint), **answer, result);
  return result;
}

std::string login_in(const std::string& page) {
  return core::net::find_login_url(page, "http://check.example/generate_204");
}

}  // namespace

TEST_CASE("an endpoint is read from its text") {
  const auto tcp = target("tcp://192.0.2.1:443");
  CHECK(tcp.kind == ProbeKind::tcp);
  CHECK(tcp.host == "192.0.2.1");
  CHECK(tcp.port == 443);
  CHECK(tcp.name == "tcp://192.0.2.1:443");
  CHECK(target("tcp://[2001:db8::1]:80").host == "2001:db8::1");
  const auto dns = target("dns://9.9.9.9");
  CHECK(dns.kind == ProbeKind::dns);
  CHECK(dns.port == 53);
  CHECK(dns.path == ".");
  CHECK(target("dns://9.9.9.9:5353?name=example.org").path == "example.org");
  CHECK(target("dns://9.9.9.9:5353/?name=example.org").port == 5353);
  const auto http = target("http://Check.example/generate_204");
  CHECK(http.kind == ProbeKind::http);
  CHECK(http.host == "check.example");
  CHECK(http.port == 80);
  CHECK(http.path == "/generate_204");
  CHECK(http.status == 204);
  CHECK(target("http://a.example/?x=1#body=success").body == "success");
  CHECK(target("http://a.example/#body=success").status == 200);
  CHECK(target("http://a.example/#status=301").status == 301);
  CHECK(target("http://a.example/#status=203&body=x").status == 203);
}

TEST_CASE("what is no endpoint is refused with what would have been understood") {
  for (const std::string text :
       {"", "192.0.2.1:443", "https://a.example/", "tcp://192.0.2.1", "tcp://:1", "tcp://a:0",
        "tcp://a:80/x", "tcp://a:80?x", "tcp://a:80#x", "dns://a.example", "dns://9.9.9.9?type=a",
        "dns://9.9.9.9?name=", "dns://9.9.9.9?name=a..b", "dns://9.9.9.9/x", "http://a/#stat=1",
        "http://a/#status=1000", "http://a/#body=", "http://u@a/", "ftp://a/"}) {
    const auto parsed = parse_probe_target(text);
    REQUIRE_MESSAGE(!parsed, text);
    CHECK(parsed.error().code == core::Errc::usage);
  }
}

TEST_CASE("a request names the host as the URL does") {
  CHECK(format_probe_request(target("http://a.example/x?y=1"))
            .starts_with("GET /x?y=1 HTTP/1.1\r\nHost: a.example\r\n"));
  CHECK(format_probe_request(target("http://[2001:db8::1]:8080/"))
            .find("\r\nHost: [2001:db8::1]:8080\r\n") != std::string::npos);
}

TEST_CASE("204, or 200 with at most one byte, is the expected answer") {
  const std::string endpoint = "http://a.example/generate_204";
  CHECK(judged(endpoint, "HTTP/1.1 204 No Content\r\n\r\n").is_answered());
  CHECK(judged(endpoint, "HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n").is_answered());
  CHECK(judged(endpoint, "HTTP/1.0 200 OK\nContent-Length: 1\n\n\n").is_answered());
  CHECK(judged(endpoint, "HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 204 No Content\r\n\r\n")
            .is_answered());
  const auto page = judged(endpoint, "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello");
  CHECK(page.outcome == ProbeOutcome::wrong_answer);
  CHECK(page.status == 200);
}

TEST_CASE("a body that is asked for must be there, in chunks or whole") {
  const std::string endpoint = "http://a.example/#body=success";
  CHECK(judged(endpoint, "HTTP/1.1 200 OK\r\nContent-Length: 8\r\n\r\nsuccess\n").is_answered());
  CHECK(judged(endpoint,
               "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nsuc\r\n4;x=y\r\ncess\r\n"
               "0\r\n\r\n")
            .is_answered());
  CHECK_FALSE(judged(endpoint, "HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\nsucc").is_answered());
  CHECK_FALSE(judged(endpoint, "HTTP/1.1 204 No Content\r\n\r\n").is_answered());
}

TEST_CASE("what a status means to a probe") {
  const std::string endpoint = "http://a.example/";
  const auto outcome = [&](const std::string& status) {
    return judged(endpoint, "HTTP/1.1 " + status + " x\r\nContent-Length: 0\r\n\r\n").outcome;
  };
  CHECK(outcome("301") == ProbeOutcome::wrong_answer);
  CHECK(outcome("511") == ProbeOutcome::wrong_answer);
  CHECK(outcome("503") == ProbeOutcome::server_error);
  CHECK(outcome("429") == ProbeOutcome::throttled);
  CHECK(outcome("403") == ProbeOutcome::turned_away);
  CHECK(outcome("202") == ProbeOutcome::wrong_answer);
}

TEST_CASE("date and pause of an answer are told") {
  const auto result = judged("http://a.example/",
                             "HTTP/1.1 503 x\r\nDate: Sun, 06 Nov 1994 08:49:37 GMT\r\n"
                             "Retry-After: Sun, 06 Nov 1994 08:50:37 GMT\r\n\r\n");
  CHECK(result.date == core::parse_time("1994-11-06T08:49:37Z").value());
  CHECK(result.retry_after == 60s);
  CHECK(core::net::parse_pause("120", {}) == 120s);
  CHECK(core::net::parse_pause("99999999999999", {}) == std::chrono::days{7});
  CHECK_FALSE(core::net::parse_pause("soon", {}));
}

TEST_CASE("a portal says where to log in") {
  const auto redirect =
      judged("http://a.example/generate_204", "HTTP/1.1 302 Found\r\nLocation: /login?x=1\r\n\r\n");
  CHECK(redirect.location == "http://a.example/login?x=1");
  CHECK(login_in("<meta HTTP-EQUIV='Refresh' content=\"0; URL=http://10.0.0.1/go\">") ==
        "http://10.0.0.1/go");
  CHECK(login_in("<meta http-equiv=refresh content='0;url=login.html'>") ==
        "http://check.example/login.html");
  CHECK(login_in("<a href='/help'>?</a><a href=\"https://hotspot.example/in\">") ==
        "https://hotspot.example/in");
  CHECK(login_in("<form action=/captive/accept>") == "http://check.example/captive/accept");
  CHECK(login_in("<LoginURL><![CDATA[https://w.example/x]]></LoginURL>") == "https://w.example/x");
  CHECK(login_in("<script>window.location.href = 'http://10.0.0.1/'</script>") ==
        "http://10.0.0.1/");
  CHECK(login_in("<a href='javascript:login()'>") == "");
  CHECK(login_in("<a href='/help'>") == "");
  CHECK(login_in("<loginurl>") == "");
  CHECK(login_in("href=") == "");
}

TEST_CASE("an answer that is not whole is waited for, and one that is none is refused") {
  const std::string whole = "HTTP/1.1 200 OK\r\nContent-Length: 3\r\n\r\nabc";
  for (std::size_t length = 0; length < whole.size(); ++length) {
    const auto answer = read_probe_answer(std::string_view(whole).substr(0, length));
    REQUIRE(answer.has_value());
    CHECK((!*answer || !(*answer)->is_whole));
  }
  CHECK_FALSE(read_probe_answer("SSH-2.0-x\r\n"));
  CHECK_FALSE(read_probe_answer("HTTP/1.1 abc\r\n\r\n"));
  CHECK_FALSE(read_probe_answer("HTTP/1.1 200 OK\r\n" + std::string(20'000, 'x')));
}
