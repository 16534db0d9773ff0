// SPDX-License-Identifier: MIT
#pragma once

// What every HttpClient refuses to start, so that a fake refuses what the real one would.

#include "libcore/base/result.hpp"
#include "libcore/net/http.hpp"
#include "libcore/net/url.hpp"

namespace core::net {

// The URL, method and headers of a request that can be made. Errors: usage, for a URL that
// parse_url refuses, a method that is no token (or CONNECT, or HEAD with a body), a header name
// that is no token, and a header value with CR, LF or NUL. Values are never repeated in messages.
Result<Url> check_request(const HttpRequest& request);

}  // namespace core::net
