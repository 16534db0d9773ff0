// SPDX-License-Identifier: MIT
#include "libcore/net/dns_message.hpp"

#include <string>

#include <doctest/doctest.h>

#include "libcore/net/http_date.hpp"
#include "libcore/net/resolv_conf.hpp"
#include "tests/fakes/temp_dir.hpp"

using core::net::DnsAnswer;
using core::net::DnsCode;
using core::net::DnsQuestion;
using core::net::DnsType;
using core::net::format_dns_question;
using core::net::parse_dns_answer;
using namespace std::string_literals;

namespace {

const std::string k_header = "\x12\x34\x81\x80\x00\x01\x00\x02\x00\x00\x00\x00"s;
const std::string k_question = "\x07"s + "Example\x03org\x00\x00\x01\x00\x01"s;

// CNAME to www.example.org, whose address is 198.51.100.1.
std::string answer_with_alias() {
  return k_header + k_question +
         "\xC0\x0C\x00\x05\x00\x01\x00\x00\x00\x3C\x00\x06\x03www\xC0\x0C"s +
         "\xC0\x29\x00\x01\x00\x01\x00\x00\x00\x3C\x00\x04\xC6\x33\x64\x01"s;
}

std::string with_code(char code) {
  auto bytes = k_header + k_question;
  bytes[3] = static_cast<char>(0x80 | code);
  bytes[7] = 0;
  return bytes;
}

}  // namespace

TEST_CASE("a question is what RFC 1035 wants") {
  CHECK(format_dns_question({.id = 0x1234, .name = "a.example"}).value() ==
        "\x12\x34\x01\x00\x00\x01\x00\x00\x00\x00\x00\x00\x01"
        "a\x07"
        "example\x00\x00\x01\x00\x01"s);
  CHECK(format_dns_question({.name = ".", .type = DnsType::aaaa}).value().size() == 17);
  CHECK(format_dns_question({.name = "a.example."}).value() ==
        format_dns_question({.name = "a.example"}).value());
}

TEST_CASE("a name that DNS cannot hold is refused") {
  for (const std::string& name :
       {"a..b"s, ".a"s, "a.."s, std::string(64, 'a'), std::string(300, 'a')})
    CHECK_MESSAGE(format_dns_question({.name = name}).error().code == core::Errc::usage, name);
}

TEST_CASE("the addresses behind an alias are found") {
  const auto answer = parse_dns_answer(answer_with_alias());
  REQUIRE(answer.has_value());
  CHECK(answer->code == DnsCode::ok);
  CHECK(answer->question.name == "example.org");
  REQUIRE(answer->addresses.size() == 1);
  CHECK(answer->addresses[0].text() == "198.51.100.1");
  CHECK(answers(*answer, {.id = 0x1234, .name = "EXAMPLE.org."}));
  CHECK_FALSE(answers(*answer, {.id = 0x1235, .name = "example.org"}));
  CHECK_FALSE(answers(*answer, {.id = 0x1234, .name = "example.com"}));
  CHECK_FALSE(answers(*answer, {.id = 0x1234, .name = "example.org", .type = DnsType::aaaa}));
}

TEST_CASE("what a server says instead of addresses is told apart") {
  CHECK(parse_dns_answer(with_code(0))->code == DnsCode::ok);
  CHECK(parse_dns_answer(with_code(2))->code == DnsCode::refused);
  CHECK(parse_dns_answer(with_code(3))->code == DnsCode::no_name);
  CHECK(parse_dns_answer(with_code(5))->code == DnsCode::refused);
  CHECK(parse_dns_answer(with_code(0))->addresses.empty());
}

TEST_CASE("an answer that is cut off anywhere is refused or has fewer addresses") {
  const auto whole = answer_with_alias();
  for (std::size_t length = 0; length < whole.size(); ++length) {
    const auto answer = parse_dns_answer(std::string_view(whole).substr(0, length));
    CHECK((!answer || answer->addresses.empty()));
  }
}

TEST_CASE("a name that points at itself, or forward, is refused") {
  const std::string tail = "\x00\x01\x00\x01"s;
  for (const std::string& name :
       {"\xC0\x0C"s, "\xC0\x0E"s, "\x01x\xC0\x0C"s, "\xC0\xFF"s, "\xC0"s, "\x40xxxx"s, "\x3Fx"s})
    CHECK_FALSE(parse_dns_answer(k_header + name + tail));
}

TEST_CASE("a question is not taken for its answer") {
  CHECK_FALSE(parse_dns_answer(format_dns_question({.name = "a.example"}).value()));
}

TEST_CASE("the servers are those of resolv.conf, three at most") {
  const auto some = core::net::parse_resolv_conf(
      "# nameserver 192.0.2.9\nsearch example.org\n  nameserver\t192.0.2.1 ; first\n"
      "options timeout:30\nnameserver 2001:db8::53\nnameserver nonsense\nnameservers 192.0.2.8\n"
      "nameserver 192.0.2.3\nnameserver 192.0.2.4\n");
  REQUIRE(some.addresses.size() == 3);
  CHECK(some.addresses[0].text() == "192.0.2.1");
  CHECK(some.addresses[1].text() == "2001:db8::53");
  CHECK(some.addresses[2].text() == "192.0.2.3");
  CHECK(some.remark.empty());
}

TEST_CASE("without a server this machine itself is asked, and that is said") {
  const fakes::TempDir dir;
  for (const auto& none : {core::net::parse_resolv_conf("search example.org\n"),
                           core::net::load_resolv_conf(dir / "missing")}) {
    REQUIRE(none.addresses.size() == 1);
    CHECK(none.addresses[0].text() == "127.0.0.1");
    CHECK(none.remark.find("127.0.0.1 is asked") != std::string::npos);
  }
}

TEST_CASE("a date of HTTP is read, and nothing that merely looks like one") {
  CHECK(core::net::parse_http_date("Sun, 06 Nov 1994 08:49:37 GMT") ==
        core::parse_time("1994-11-06T08:49:37Z").value());
  for (const auto* text : {"", "Sunday, 06-Nov-94 08:49:37 GMT", "Sun, 31 Feb 1994 08:49:37 GMT",
                           "Sun, 06 Nov 1994 24:49:37 GMT", "Sun, 06 Xyz 1994 08:49:37 GMT"})
    CHECK_MESSAGE(!core::net::parse_http_date(text), text);
}
