// SPDX-License-Identifier: MIT
#include "libcore/delivery/classify.hpp"

#include <algorithm>
#include <chrono>
#include <string>
#include <utility>

#include <fmt/core.h>

#include "libcore/base/text.hpp"
#include "libcore/net/http_date.hpp"
#include "libcore/net/http_message.hpp"
#include "libcore/net/url.hpp"

namespace core::delivery {
namespace {

using std::chrono::days;
using std::chrono::hours;
using std::chrono::minutes;
using std::chrono::seconds;

constexpr int k_most_hops = 5;
constexpr days k_longest_pause{7};

Class class_of(net::HttpFailure failure) {
  switch (failure) {
    case net::HttpFailure::resolve:
    case net::HttpFailure::connect:
    case net::HttpFailure::tls:
      return Class::offline;
    case net::HttpFailure::certificate:
      return Class::suspect;
    case net::HttpFailure::timeout:
    case net::HttpFailure::lost:
    case net::HttpFailure::protocol:
      return Class::temporary;
    case net::HttpFailure::refused:
      return Class::rejected;
  }
  return Class::temporary;
}

// Of a status that is no delivery; Retry-After is looked at elsewhere.
Class class_of(int status, Credential credential) {
  switch (status) {
    case 401:
      return credential == Credential::late_bound ? Class::auth : Class::rejected;
    case 407:  // a proxy on the way, not the destination
    case 511:  // RFC 6585 6: sent by captive portals
      return Class::suspect;
    case 408:
    case 425:
      return Class::temporary;
    case 409:
    case 412:
      return Class::conflict;
    case 429:
      return Class::throttled;
    default:
      break;
  }
  if (status >= 300 && status < 400) return Class::suspect;
  if (status >= 400 && status < 500) return Class::rejected;
  return Class::temporary;
}

Verdict judge(const net::HttpResponse& response, const Expect& expect,
              const Circumstances& circumstances) {
  const auto reason = unmet(expect, response);
  const bool good = response.status >= 200 && response.status < 300;
  Verdict verdict;
  verdict.message = fmt::format("HTTP {}", response.status);
  if (!reason && (good || holds_status(expect, response.status))) {
    verdict.kind = Class::delivered;
    return verdict;
  }
  if (good) {
    verdict.kind = Class::suspect;
    verdict.message = *reason;
    return verdict;
  }
  verdict.kind = class_of(response.status, circumstances.credential);
  if (response.status != 429 && response.status != 503) return verdict;
  if (const auto* text = net::find_field(response.headers, "retry-after")) {
    verdict.retry_at = parse_retry_after(*text, circumstances.now);
  }
  if (verdict.retry_at) verdict.kind = Class::throttled;
  return verdict;
}

Verdict suspect(std::string message) {
  return {.kind = Class::suspect, .message = std::move(message), .retry_at = std::nullopt};
}

// What describes a body has nothing to say without one.
bool describes_body(const net::HeaderField& field) {
  return to_lower(field.first).starts_with("content-") ||
         equals_ignoring_case(field.first, "expect");
}

void become_get(net::HttpRequest& request) {
  if (request.method != "HEAD") request.method = "GET";
  request.body = std::monostate{};
  std::erase_if(request.headers, describes_body);
}

}  // namespace

Verdict classify(const net::HttpExchange& exchange, const Expect& expect,
                 const Circumstances& circumstances) {
  if (const auto* error = std::get_if<net::HttpError>(&exchange.result)) {
    return {.kind = class_of(error->failure), .message = error->message, .retry_at = std::nullopt};
  }
  return judge(std::get<net::HttpResponse>(exchange.result), expect, circumstances);
}

Verdict classify_part(int status, const Expect& expect) {
  Verdict verdict;
  verdict.message = fmt::format("status {}", status);
  if ((status >= 200 && status < 300) || holds_status(expect, status)) {
    verdict.kind = Class::delivered;
    return verdict;
  }
  verdict.kind = class_of(status, Credential::of_operation);
  const bool concerns_all = verdict.kind == Class::throttled || verdict.kind == Class::suspect;
  if (concerns_all) verdict.kind = Class::temporary;
  return verdict;
}

std::optional<Time> parse_retry_after(std::string_view text, Time now) {
  const auto value = trim(text);
  const auto latest = now + k_longest_pause;
  const bool digits = !value.empty() && value.find_first_not_of("0123456789") == value.npos;
  if (digits) {
    const auto count = parse_unsigned(value);  // nullopt: more than 64 bits hold
    const auto most = static_cast<std::uint64_t>(seconds{k_longest_pause}.count());
    return now + seconds{std::min(count.value_or(most), most)};
  }
  const auto date = net::parse_http_date(value);
  if (!date) return std::nullopt;
  return std::clamp(*date, now, latest);
}

bool is_redirect(const net::HttpResponse& response) {
  const int status = response.status;
  return (status >= 301 && status <= 303) || status == 307 || status == 308;
}

std::variant<net::HttpRequest, Verdict> next_hop(const net::HttpRequest& request,
                                                 const net::HttpResponse& response,
                                                 int hops_so_far) {
  if (hops_so_far >= k_most_hops)
    return suspect(fmt::format("more than {} redirects", k_most_hops));
  const auto* location = net::find_field(response.headers, "location");
  if (location == nullptr || location->empty()) {
    return suspect(fmt::format("HTTP {} without Location", response.status));
  }
  const auto base = net::parse_url(request.url);
  if (!base) return suspect(base.error().message);
  const auto target = net::resolve_url(*base, *location);
  if (!target) return suspect(fmt::format("redirect: {}", target.error().message));
  if (target->origin() != base->origin()) {
    return suspect(fmt::format("redirect to {}, not followed", target->origin()));
  }
  auto next = request;
  next.url = target->text();
  if (response.status == 303) become_get(next);
  return next;
}

}  // namespace core::delivery
