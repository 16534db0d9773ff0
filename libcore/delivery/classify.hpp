// SPDX-License-Identifier: MIT
#pragma once

// From what came of a request to what it means: the table of offkit(7), "Life of an operation",
// and the rules for redirects. Pure.

#include <optional>
#include <string_view>
#include <variant>

#include "libcore/base/time.hpp"
#include "libcore/delivery/expect.hpp"
#include "libcore/delivery/verdict.hpp"
#include "libcore/net/http.hpp"

namespace core::delivery {

// Whose credential the request carried: one written into the operation, or one that was bound
// when sending and that refreshing may mend.
enum class Credential { of_operation, late_bound };

struct Circumstances {
  Credential credential = Credential::of_operation;
  Time now;
};

// A status that `expect` names explicitly is a delivery whatever it is, 404 after DELETE included.
Verdict classify(const net::HttpExchange& exchange, const Expect& expect,
                 const Circumstances& circumstances);

// Of one of the operations that shared a request, by the status that the answer has for it. Only
// what concerns that operation: delivered, temporary, conflict or rejected.
Verdict classify_part(int status, const Expect& expect);

// Retry-After (RFC 9110 10.2.3): seconds or an IMF-fixdate, brought into [now, now + 7 days].
// nullopt for anything else.
std::optional<Time> parse_retry_after(std::string_view text, Time now);

// 301, 302, 303, 307, 308.
bool is_redirect(const net::HttpResponse& response);

// Where a redirect leads: a request to the same origin (303 becomes a GET without a body, the
// others repeat method and body), or a suspect verdict: another origin, no usable Location, or
// more than five hops.
std::variant<net::HttpRequest, Verdict> next_hop(const net::HttpRequest& request,
                                                 const net::HttpResponse& response,
                                                 int hops_so_far);

}  // namespace core::delivery
