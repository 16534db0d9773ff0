// SPDX-License-Identifier: MIT
#include "libcore/delivery/expect.hpp"

#include <string>
#include <vector>

#include <doctest/doctest.h>

#include "libcore/codec/json_value.hpp"

using core::Errc;
using core::delivery::expect_json;
using core::delivery::parse_expect;
using core::delivery::unmet;
using core::net::HttpResponse;

namespace {

struct Row {
  std::string expect;
  std::string reason;  // empty: it holds
};

HttpResponse json_answer() {
  return {.status = 201,
          .headers = {{"Content-Type", "application/json; charset=utf-8"},
                      {"X-Twice", "a"},
                      {"x-twice", "b"}},
          .body = R"({"ok":false,"n":1.0,"list":[{"id":"é"}],"a/b":null,"s":"on"})",
          .truncated = false};
}

}  // namespace

TEST_CASE("an expectation holds, or says why it does not") {
  for (const auto& row : std::vector<Row>{
           {R"({})", ""},
           {R"({"status":201})", ""},
           {R"({"status":"201"})", ""},
           {R"({"status":"2xx"})", ""},
           {R"({"status":"2XX"})", ""},
           {R"({"status":"200, 201"})", ""},
           {R"({"status":"200-204"})", ""},
           {R"({"status":[404,"2xx"]})", ""},
           {R"({"status":200})", "expect: status is 201, not 200"},
           {R"({"status":["200","3xx"]})", "expect: status is 201, not 200,300-399"},
           {R"({"header":{"content-type":"application/json"}})", ""},
           {R"({"header":{"Content-Type":"application/json; charset=utf-8"}})", ""},
           {R"({"header":{"Content-Type":"*"}})", ""},
           {R"({"header":{"X-Twice":"b"}})", ""},
           {R"({"header":{"Content-Type":"application/js"}})",
            "expect: header Content-Type is 'application/json; charset=utf-8', not "
            "'application/js'"},
           {R"({"header":{"X-None":"*"}})", "expect: header X-None is missing"},
           {R"({"json":{"/ok":false}})", ""},
           {R"({"json":{"/n":1}})", ""},
           {R"({"json":{"/a~1b":null}})", ""},
           {R"({"json":{"/list/0":{"id":"é"}}})", ""},
           {R"({"json":{"/list/0/id":"\u00e9"}})", ""},
           {R"({"json":{"/ok":true}})", "expect: /ok is false, not true"},
           {R"({"json":{"/s":"off"}})", "expect: /s is \"on\", not \"off\""},
           {R"({"json":{"/none":true}})", "expect: /none is missing"},
           {R"({"json":{"/s/x":true}})", "expect: /s/x is missing"},
           {R"({"json":{"/list/7":1}})", "expect: /list/7 is missing"},
           {R"({"status":"2xx","json":{"/ok":false,"/n":2}})", "expect: /n is 1.0, not 2"},
       }) {
    CAPTURE(row.expect);
    const auto expect = parse_expect(row.expect);
    REQUIRE(expect.has_value());
    CHECK(unmet(*expect, json_answer()).value_or("") == row.reason);
  }
}

TEST_CASE("what is no JSON, or only its beginning, cannot meet an expectation of JSON") {
  const auto expect = parse_expect(R"({"json":{"/ok":true}})");
  REQUIRE(expect.has_value());
  HttpResponse response;
  response.status = 200;
  response.body = "<html>log in</html>";
  CHECK(*unmet(*expect, response) == "expect: answer is not JSON: no content type");
  response.headers = {{"Content-Type", "text/html"}};
  CHECK(*unmet(*expect, response) == "expect: answer is not JSON: text/html");
  response.body = "";
  CHECK(*unmet(*expect, response) == "expect: answer is not JSON: text/html");

  response.body = R"({"ok":true,)";
  response.truncated = true;
  CHECK(*unmet(*expect, response) ==
        "expect: answer is too long to be checked, 11 bytes were read");
}

TEST_CASE("the whole answer is at the empty pointer") {
  const auto expect = parse_expect(R"({"json":{"":{"a":1,"b":2}}})");
  REQUIRE(expect.has_value());
  HttpResponse response;
  response.body = R"({ "b":2, "a":1 })";
  CHECK_FALSE(unmet(*expect, response).has_value());
  response.body = "[]";
  CHECK(unmet(*expect, response).value() == R"(expect: the answer is [], not {"a":1,"b":2})");
}

TEST_CASE("an expectation that cannot be understood is refused") {
  for (const auto* bad : {"",
                          "[]",
                          "true",
                          "{",
                          R"({"staus":200})",
                          R"({"status":20})",
                          R"({"status":600})",
                          R"({"status":"6xx"})",
                          R"({"status":"xx"})",
                          R"({"status":true})",
                          R"({"status":null})",
                          R"({"status":{}})",
                          R"({"status":[[200]]})",
                          R"({"status":"204-200"})",
                          R"({"status":"200,"})",
                          R"({"status":""})",
                          R"({"status":200.5})",
                          R"({"header":[]})",
                          R"({"header":{"A":1}})",
                          R"({"header":{"":"x"}})",
                          R"({"json":[]})",
                          R"({"json":{"ok":true}})",
                          R"({"json":{"/~2":true}})"}) {
    CAPTURE(bad);
    const auto expect = parse_expect(bad);
    REQUIRE_FALSE(expect.has_value());
    CHECK(expect.error().code == Errc::usage);
  }
}

TEST_CASE("what was typed becomes the JSON object") {
  CHECK(*expect_json({}, {}, {}) == "{}");
  const auto text =
      expect_json({"200,201", "3xx"}, {"K: V", "A:b:c"},
                  {"/ok=true", "/s=text", "/n=1.50", "/q=\"1\"", "/o={\"a\":1}", "/e=", "/x=a=b"});
  REQUIRE(text.has_value());
  CHECK(core::codec::json_equal(*text, R"({"status":[200,201,"3xx"],"header":{"K":"V","A":"b:c"},
      "json":{"/ok":true,"/s":"text","/n":1.5,"/q":"1","/o":{"a":1},"/e":"","/x":"a=b"}})"));
  CHECK(text->find("1.50") != std::string::npos);
  CHECK(parse_expect(*text).has_value());
}

TEST_CASE("what was typed wrongly is refused") {
  CHECK_FALSE(expect_json({"ok"}, {}, {}).has_value());
  CHECK_FALSE(expect_json({""}, {}, {}).has_value());
  CHECK_FALSE(expect_json({}, {"no colon"}, {}).has_value());
  CHECK_FALSE(expect_json({}, {": v"}, {}).has_value());
  CHECK_FALSE(expect_json({}, {}, {"/no-equals"}).has_value());
  CHECK_FALSE(expect_json({}, {}, {"ok=true"}).has_value());
}
