// SPDX-License-Identifier: MIT
// What comes back when a probe asks over cleartext HTTP: from the endpoint, a portal, or anybody.
// The first line of an input is the endpoint, the rest are the bytes of the answer.

#include "libcore/net/http_probe.hpp"
#include "libcore/net/url.hpp"
#include "tests/fuzz/property.hpp"

using core::net::ProbeOutcome;
using fuzz::must_hold;

namespace {

void check_answer(const core::net::ProbeTarget& target, const core::net::ProbeAnswer& answer) {
  must_hold(answer.body.size() <= 4096, "no more is kept than is looked at");
  must_hold(answer.status >= 200 && answer.status <= 999, "a status is one that ends an answer");
  core::net::ProbeResult result;
  core::net::judge_probe_answer(target, answer, result);
  must_hold(result.outcome != ProbeOutcome::not_sent, "an answer means something");
  must_hold(result.is_answered() || !result.message.empty(), "what is wrong is said");
  must_hold(!result.is_answered() || result.status == target.status || result.status == 200,
            "only the expected status, or an empty 200, is an answer");
  must_hold(result.location.empty() || core::net::parse_url(result.location).has_value(),
            "where to log in is a URL", result.location);
  must_hold(!result.retry_after ||
                (result.retry_after->count() >= 0 && *result.retry_after <= std::chrono::days{7}),
            "a pause is never negative, nor longer than a week");
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  auto rest = fuzz::text_of(data, size);
  const auto endpoint = fuzz::take_until(rest, "\n");
  auto target = core::net::parse_probe_target(endpoint);
  if (target) {
    must_hold(target->port >= 1 && target->port <= 65535, "a port is a port", endpoint);
    const auto again = core::net::parse_probe_target(target->name);
    must_hold(again && again->host == target->host && again->path == target->path,
              "what was read is read again", endpoint);
  }
  if (!target || target->kind != core::net::ProbeKind::http) {
    target = core::net::parse_probe_target("http://a.example/");
  }
  const auto request = core::net::format_probe_request(*target);
  must_hold(request.find("\r\n\r\n") == request.size() - 4, "a request is one request", request);
  const auto answer = core::net::read_probe_answer(rest);
  if (answer && *answer) check_answer(*target, **answer);
  return 0;
}
