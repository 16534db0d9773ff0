// SPDX-License-Identifier: MIT
#include "libcore/net/url.hpp"

#include <string>
#include <string_view>
#include <vector>

#include <doctest/doctest.h>

using core::Errc;
using core::net::parse_url;
using core::net::resolve_url;

namespace {

struct Good {
  std::string_view text;
  std::string_view origin;
  std::string_view target;
};

struct Bad {
  std::string text;
  std::string_view reason;  // part of the message
};

struct Reference {
  std::string_view reference;
  std::string_view resolved;
};

}  // namespace

TEST_CASE("a URL falls into scheme, host, port and target") {
  for (const auto& row : std::vector<Good>{
           {"http://a", "http://a:80", "/"},
           {"https://a", "https://a:443", "/"},
           {"HTTP://EXAMPLE.com/A", "http://example.com:80", "/A"},
           {"http://a:8080/x", "http://a:8080", "/x"},
           {"http://a:/x", "http://a:80", "/x"},
           {"http://a:00080/", "http://a:80", "/"},
           {"http://a:65535", "http://a:65535", "/"},
           {"http://a?q=1", "http://a:80", "/?q=1"},
           {"http://a#f", "http://a:80", "/"},
           {"http://a/p?q#f", "http://a:80", "/p?q"},
           {"http://a/p?u=http://b@c/#f", "http://a:80", "/p?u=http://b@c/"},
           {"http://a/x@y:z", "http://a:80", "/x@y:z"},
           {"http://a//b//", "http://a:80", "//b//"},
           {"http://a/b/../c/./d", "http://a:80", "/c/d"},
           {"http://a/../../etc", "http://a:80", "/etc"},
           {"http://a/b/..", "http://a:80", "/"},
           {"http://a/b?x=../y", "http://a:80", "/b?x=../y"},
           {"http://a/%7Bx%7D", "http://a:80", "/%7Bx%7D"},
           {"http://a/{{01KX.name}}/x", "http://a:80", "/{{01KX.name}}/x"},
           {"http://a/ü?ö", "http://a:80", "/%C3%BC?%C3%B6"},
           {"http://a/\"<>`\\", "http://a:80", "/%22%3C%3E%60%5C"},
           {"http://127.0.0.1:8787/", "http://127.0.0.1:8787", "/"},
           {"http://[::1]/", "http://[::1]:80", "/"},
           {"https://[2001:DB8::1]:8443/x", "https://[2001:db8::1]:8443", "/x"},
           {"http://[fe80::1%25eth0]/", "http://[fe80::1%25eth0]:80", "/"},
           {"http://[::ffff:1.2.3.4]:1", "http://[::ffff:1.2.3.4]:1", "/"},
           {"http://a.b-c_d.example./", "http://a.b-c_d.example.:80", "/"},
           {"http://bücher.example/", "http://bücher.example:80", "/"},
       }) {
    CAPTURE(row.text);
    const auto url = parse_url(row.text);
    REQUIRE(url.has_value());
    CHECK(url->origin() == row.origin);
    CHECK(url->target == row.target);
  }
}

TEST_CASE("what is not a URL for offkit is refused with the reason") {
  using namespace std::string_literals;
  for (const auto& row : std::vector<Bad>{
           {"", "empty"},
           {"example.com", "must begin with http://"},
           {"/path", "must begin with http://"},
           {"//host/x", "must begin with http://"},
           {"://a", "must begin with http://"},
           {"1http://a", "must begin with http://"},
           {"ftp://a/x", "scheme 'ftp'"},
           {"file:///etc/passwd", "scheme 'file'"},
           {"javascript:alert(1)", "scheme 'javascript'"},
           {"localhost:8080/x", "scheme 'localhost'"},
           {"https+unix://a", "scheme 'https+unix'"},
           {"http:/x", "'//' missing"},
           {"http:x", "'//' missing"},
           {"http:", "'//' missing"},
           {"http:\\\\a\\b", "'//' missing"},
           {"http://", "no host"},
           {"http:///x", "no host"},
           {"http://?q", "no host"},
           {"http://#f", "no host"},
           {"http://:80/", "no host"},
           {"http://./", "no host"},
           {"http://user@a/", "names a user"},
           {"http://user:secret@a/", "names a user"},
           {"http://@a/", "names a user"},
           {"http://a\\@b/", "names a user"},
           {"http://a b/", "blank"},
           {" http://a/", "blank"},
           {"http://a/ ", "blank"},
           {"http://a/x\ty", "blank"},
           {"http://a/x\r\nHost: b", "control character"},
           {"http://a/x\n", "control character"},
           {"http://a/\0x"s, "control character"},
           {"http://a/\x7f", "control character"},
           {"http://a\x1b/", "control character"},
           {"http://a:x/", "not a port"},
           {"http://a:0/", "not a port"},
           {"http://a:-1/", "not a port"},
           {"http://a:+1/", "not a port"},
           {"http://a:65536/", "not a port"},
           {"http://a:99999999999999999999/", "not a port"},
           {"http://a:80:80/", "not a port"},
           {"http://::1/", "no host"},
           {"http://[::1/", "without ']'"},
           {"http://[]/", "not an IPv6 address"},
           {"http://[1.2.3.4]/", "not an IPv6 address"},
           {"http://[::g]/", "not an IPv6 address"},
           {"http://[1::2::3]/", "not an IPv6 address"},
           {"http://[v1.x]/", "not an IPv6 address"},
           {"http://[fe80::1%eth0]/", "not an IPv6 address"},
           {"http://[fe80::1%25]/", "not an IPv6 address"},
           {"http://[::1]x/", "not a port"},
           {"http://[::1]:x/", "not a port"},
           {"http://a..b/", "empty label"},
           {"http://.a/", "empty label"},
           {"http://a%2fb/", "not a host"},
           {"http://a\\b/", "not a host"},
           {"http://a{b}/", "not a host"},
           {"http://a,b/", "not a host"},
           {"http://\xff/", "not UTF-8"},
           {"http://" + std::string(64, 'a') + "/", "63 bytes"},
           {"http://" + std::string(300, 'a') + "/", "253 bytes"},
           {"http://a/" + std::string(8192, 'x'), "8192 bytes"},
       }) {
    CAPTURE(row.text);
    const auto url = parse_url(row.text);
    REQUIRE_FALSE(url.has_value());
    CHECK(url.error().code == Errc::usage);
    CHECK(url.error().message.find(row.reason) != std::string::npos);
    CHECK(url.error().message.find("secret") == std::string::npos);
  }
}

TEST_CASE("a URL of exactly 8 KiB is accepted") {
  const std::string prefix = "http://a/";
  CHECK(parse_url(prefix + std::string(8192 - prefix.size(), 'x')).has_value());
}

TEST_CASE("a URL that escapes make longer than 8 KiB is refused, for nobody could read it again") {
  CHECK(!parse_url("http://h/" + std::string(4000, '\xff')).has_value());
  const std::string escaped(2727, '\xff');  // 8181 bytes
  const auto url = parse_url("http://h/" + escaped);
  REQUIRE(url.has_value());
  CHECK(parse_url(url->text()).has_value());
  const auto itself = core::net::resolve_url(*url, "");
  REQUIRE(itself.has_value());
  CHECK(itself->text() == url->text());
}

TEST_CASE("the text of a URL leaves the default port out and reads back as the same URL") {
  for (const auto* text : {"http://a/", "https://a/", "http://a:81/x?y", "https://[::1]:80/"}) {
    CAPTURE(text);
    CHECK(parse_url(text)->text() == text);
  }
  CHECK(parse_url("https://a:443/x#f")->text() == "https://a/x");
}

TEST_CASE("references resolve as in RFC 3986 5.4") {
  const auto base = parse_url("http://a/b/c/d;p?q");
  REQUIRE(base.has_value());
  for (const auto& row : std::vector<Reference>{
           {"http://other/x", "http://other/x"},
           {"https://a/x", "https://a/x"},
           {"g", "http://a/b/c/g"},
           {"./g", "http://a/b/c/g"},
           {"g/", "http://a/b/c/g/"},
           {"/g", "http://a/g"},
           {"//g", "http://g/"},
           {"//g:81/h?i", "http://g:81/h?i"},
           {"?y", "http://a/b/c/d;p?y"},
           {"g?y", "http://a/b/c/g?y"},
           {"#s", "http://a/b/c/d;p?q"},
           {"g#s", "http://a/b/c/g"},
           {"g?y#s", "http://a/b/c/g?y"},
           {";x", "http://a/b/c/;x"},
           {"g;x", "http://a/b/c/g;x"},
           {"g;x?y#s", "http://a/b/c/g;x?y"},
           {"", "http://a/b/c/d;p?q"},
           {".", "http://a/b/c/"},
           {"./", "http://a/b/c/"},
           {"..", "http://a/b/"},
           {"../", "http://a/b/"},
           {"../g", "http://a/b/g"},
           {"../..", "http://a/"},
           {"../../", "http://a/"},
           {"../../g", "http://a/g"},
           {"../../../g", "http://a/g"},
           {"../../../../g", "http://a/g"},
           {"/./g", "http://a/g"},
           {"/../g", "http://a/g"},
           {"g.", "http://a/b/c/g."},
           {".g", "http://a/b/c/.g"},
           {"g..", "http://a/b/c/g.."},
           {"..g", "http://a/b/c/..g"},
           {"./../g", "http://a/b/g"},
           {"./g/.", "http://a/b/c/g/"},
           {"g/./h", "http://a/b/c/g/h"},
           {"g/../h", "http://a/b/c/h"},
           {"g;x=1/./y", "http://a/b/c/g;x=1/y"},
           {"g;x=1/../y", "http://a/b/c/y"},
           {"g?y/./x", "http://a/b/c/g?y/./x"},
           {"g?y/../x", "http://a/b/c/g?y/../x"},
           {"g#s/../x", "http://a/b/c/g"},
       }) {
    CAPTURE(row.reference);
    const auto url = resolve_url(*base, row.reference);
    REQUIRE(url.has_value());
    CHECK(url->text() == row.resolved);
  }
}

TEST_CASE("a reference keeps the base's port and cannot leave http") {
  const auto base = parse_url("http://a:8787/runs");
  REQUIRE(base.has_value());
  CHECK(resolve_url(*base, "/x")->text() == "http://a:8787/x");
  CHECK(resolve_url(*base, "{{01KX.id}}:y")->text() == "http://a:8787/{{01KX.id}}:y");
  for (const auto* bad : {"ftp://a/x", "g:h", "http:g", "//u:p@b/", "//", "a b", "x\r\ny", "///"}) {
    CAPTURE(bad);
    CHECK_FALSE(resolve_url(*base, bad).has_value());
  }
}
