// SPDX-License-Identifier: MIT
// What a server answered, as far as we read it ourselves: the status, Retry-After, Location, and
// the body where `expect` looks into it. An input is an expectation on the first line, then an
// answer as on the wire: status line, fields, an empty line, the body; bare newlines will do.

#include <chrono>
#include <string>

#include "libcore/base/text.hpp"
#include "libcore/codec/json_check.hpp"
#include "libcore/codec/json_value.hpp"
#include "libcore/delivery/classify.hpp"
#include "libcore/delivery/expect.hpp"
#include "libcore/net/request_check.hpp"
#include "libcore/net/url.hpp"
#include "tests/fuzz/property.hpp"

using core::delivery::Class;
using core::delivery::Credential;
using core::delivery::Expect;
using core::delivery::Verdict;
using core::net::HttpRequest;
using core::net::HttpResponse;
using fuzz::must_hold;

namespace {

const core::Time k_now = core::parse_time("2026-11-21T02:25:00Z").value();

HttpResponse response_of(std::string_view text) {
  HttpResponse response;
  const auto status_line = fuzz::take_until(text, "\n");
  response.status = static_cast<int>(core::parse_unsigned(status_line).value_or(200) % 1000);
  while (!text.empty()) {
    auto line = fuzz::take_until(text, "\n");
    if (core::trim(line).empty()) break;
    const auto name = fuzz::take_until(line, ":");
    response.headers.emplace_back(name, core::trim(line));
  }
  response.body = text;
  return response;
}

void check_verdict(const HttpResponse& response, const Expect& expect) {
  const core::net::HttpExchange exchange{.result = response};
  for (const auto credential : {Credential::of_operation, Credential::late_bound}) {
    const Verdict verdict =
        core::delivery::classify(exchange, expect, {.credential = credential, .now = k_now});
    const bool is_good = response.status >= 200 && response.status < 300;
    must_hold(verdict.kind != Class::delivered || is_good ||
                  core::delivery::holds_status(expect, response.status),
              "only a good or an expected status is a delivery");
    must_hold(verdict.kind != Class::delivered || !core::delivery::unmet(expect, response),
              "nothing is delivered that does not meet what was expected");
    must_hold(!verdict.retry_at || verdict.kind == Class::throttled, "who is told when must wait");
    must_hold(!verdict.retry_at ||
                  (*verdict.retry_at >= k_now && *verdict.retry_at <= k_now + std::chrono::days{7}),
              "a pause is never in the past, nor longer than a week");
  }
}

void check_redirect(const HttpResponse& response) {
  const HttpRequest request{.method = "POST",
                            .url = "https://api.example.com/v1/runs?x=1",
                            .headers = {{"Content-Type", "application/json"}, {"X-Run", "7"}},
                            .body = std::string("{}")};
  const auto hop = core::delivery::next_hop(request, response, 0);
  const auto* next = std::get_if<HttpRequest>(&hop);
  if (next == nullptr) return;
  const auto url = core::net::check_request(*next);
  must_hold(url.has_value(), "a redirect leads to a request that can be made", next->url);
  must_hold(url->origin() == "https://api.example.com:443", "a redirect stays at its origin",
            next->url);
}

void check_body(const HttpResponse& response, const Expect& expect) {
  const std::string& body = response.body;
  must_hold(core::codec::json_equal(body, body) == core::codec::check_json(body).has_value(),
            "JSON equals itself, and nothing else does");
  for (const auto& [pointer, value] : expect.json) {
    const auto found = core::codec::json_at(body, pointer);
    if (!found || !*found) continue;
    must_hold(core::codec::check_json(**found).has_value(), "what a pointer finds is JSON",
              **found);
    must_hold(body.find(**found) != std::string::npos, "what a pointer finds is a piece of it",
              **found);
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  auto rest = fuzz::text_of(data, size);
  const auto expectation = fuzz::take_until(rest, "\n");
  const auto parsed = core::delivery::parse_expect(expectation);
  const Expect expect = parsed ? *parsed : Expect{};
  const HttpResponse response = response_of(rest);
  check_verdict(response, expect);
  check_redirect(response);
  check_body(response, expect);
  return 0;
}
