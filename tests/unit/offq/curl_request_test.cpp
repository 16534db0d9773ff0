// SPDX-License-Identifier: MIT
#include "tools/offq/curl_request.hpp"

#include <string>
#include <vector>

#include <doctest/doctest.h>

#include "tests/fakes/temp_dir.hpp"

using offq::curl_body;
using offq::curl_query;
using offq::CurlRequest;
using offq::read_curl_words;

namespace {

using Words = std::vector<std::string>;
constexpr core::ByteCount k_limit{1000};

CurlRequest read(const Words& words) {
  auto request = read_curl_words(words);
  CHECK(request.objection.empty());
  return request;
}

std::string body_of(const Words& words, const std::string& input = {}) {
  return curl_body(read(words), input, k_limit).value().bytes;
}

}  // namespace

TEST_CASE("method and URL are those that curl would send") {
  struct Row {
    Words words;
    const char* method;
    const char* url;
  };
  const std::vector<Row> rows{
      {{"http://a.test/x"}, "GET", "http://a.test/x"},
      {{"a.test/x"}, "GET", "http://a.test/x"},
      {{"--url", "http://a.test/", "-d", "a"}, "POST", "http://a.test/"},
      {{"-sSfLXPATCH", "-d", "a", "http://a.test/"}, "PATCH", "http://a.test/"},
      {{"-I", "http://a.test/"}, "HEAD", "http://a.test/"},
      {{"-T", "d/f", "http://a.test/up/"}, "PUT", "http://a.test/up/f"},
      {{"-T-", "http://a.test/up"}, "PUT", "http://a.test/up"},
      {{"-m", "5", "--retry", "3", "-o", "/dev/null", "http://a.test/"}, "GET", "http://a.test/"},
      {{"-G", "-d", "a=1", "http://a.test/"}, "GET", "http://a.test/"},
      {{"--request", "DELETE", "--", "http://a.test/"}, "DELETE", "http://a.test/"}};
  for (const auto& row : rows) {
    const auto request = read(row.words);
    CHECK(request.submit.method == row.method);
    CHECK(request.submit.url == row.url);
  }
}

TEST_CASE("headers are given, and those that curl adds where they are missing") {
  using Headers = std::vector<std::string>;
  CHECK(read({"-H", "A: b", "-A", "me", "-e", "x", "-b", "c=d", "-u", "me:pw", "http://a.test/"})
            .submit.headers == Headers{"A: b", "User-Agent: me", "Referer: x", "Cookie: c=d",
                                       "Authorization: Basic bWU6cHc="});
  CHECK(read({"-d", "a", "http://a.test/"}).submit.headers ==
        Headers{"Content-Type: application/x-www-form-urlencoded"});
  CHECK(read({"-d", "a", "-H", "content-type: text/plain", "http://a.test/"}).submit.headers ==
        Headers{"content-type: text/plain"});
  CHECK(read({"--json", "1", "http://a.test/"}).submit.headers ==
        Headers{"Content-Type: application/json", "Accept: application/json"});
}

TEST_CASE("the data of all options is joined as curl does") {
  const fakes::TempDir directory;
  const auto file = directory / "f";
  fakes::write_text(file, "x\r\ny\n");
  CHECK(body_of({"-d", "a=1", "-d", "b=2", "http://a.test/"}) == "a=1&b=2");
  CHECK(body_of({"-d", "@" + file, "http://a.test/"}) == "xy");
  CHECK(body_of({"--data-binary", "@" + file, "http://a.test/"}) == "x\r\ny\n");
  CHECK(body_of({"--data-raw", "@" + file, "http://a.test/"}) == "@" + file);
  CHECK(body_of({"-d", "@-", "http://a.test/"}, "in\n") == "in");
  CHECK(body_of({"--json", "[1,", "--json", "2]", "http://a.test/"}) == "[1,2]");
  CHECK(body_of({"--data-urlencode", "n=a b&c", "http://a.test/"}) == "n=a%20b%26c");
  CHECK(body_of({"--data-urlencode", "=a b", "http://a.test/"}) == "a%20b");
  CHECK(body_of({"--data-urlencode", "a b", "http://a.test/"}) == "a%20b");
  CHECK(body_of({"--data-urlencode", "n@" + file, "http://a.test/"}) == "n=x%0D%0Ay%0A");
  CHECK(body_of({"-T", "-", "http://a.test/"}, "in\n") == "in\n");
}

TEST_CASE("with -G the data is the query, and there is no body") {
  const auto request = read({"-G", "-d", "a=1", "--data-urlencode", "b=c d", "http://a.test/?x"});
  CHECK(curl_query(request, {}, k_limit).value() == "http://a.test/?x&a=1&b=c%20d");
  CHECK(curl_body(request, {}, k_limit).value().kind == offq::BodyKind::none);
}

TEST_CASE("what cannot be queued is named") {
  struct Row {
    Words words;
    const char* objection;
  };
  const std::vector<Row> rows{{{"-F", "a=b", "http://a.test/"}, "-F"},
                              {{"--form", "a=b", "http://a.test/"}, "--form"},
                              {{"-sk", "https://a.test/"}, "-k"},
                              {{"--proxy", "http://p/", "http://a.test/"}, "--proxy"},
                              {{"http://a.test/", "http://b.test/"}, "more than one URL"},
                              {{"http://a.test/[1-3]"}, "a URL with patterns"},
                              {{"-d", "x"}, "no URL"},
                              {{"http://a.test/", "-X"}, "-X without a value"},
                              {{"-b", "jar", "http://a.test/"}, "-b with a file"},
                              {{"-d", "@-", "-d", "@-", "http://a.test/"}, "standard input twice"},
                              {{"-T", "f", "-d", "x", "http://a.test/"}, "-T with -d"}};
  for (const auto& row : rows)
    CHECK(read_curl_words(row.words).objection == row.objection);
}

TEST_CASE("a body that is larger than the queue takes is refused") {
  const auto request = read({"-d", std::string(1001, 'x'), "http://a.test/"});
  CHECK(curl_body(request, {}, k_limit).error().code == core::Errc::corrupt);
}

TEST_CASE("what names a secret in the queue is plain text, as it is for curl") {
  const auto request =
      read({"-H", "A: ${file:/etc/passwd}", "-A", "$${env:X} ${", "-b", "a=$b", "http://a.test/"});
  CHECK(request.submit.headers == std::vector<std::string>{"A: $${file:/etc/passwd}",
                                                           "User-Agent: $$${env:X} $${",
                                                           "Cookie: a=$b"});
}
