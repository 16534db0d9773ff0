// SPDX-License-Identifier: MIT
#pragma once

// A question of cleartext HTTP, and what its answer means: the endpoint itself, or something that
// answers in its place. Pure. More lenient than a client must be: portals are sloppy, and nothing
// that is read here goes any further.

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "libcore/base/result.hpp"
#include "libcore/net/http.hpp"
#include "libcore/net/probe_result.hpp"
#include "libcore/net/prober.hpp"

namespace core::net {

std::string format_probe_request(const ProbeTarget& target);

struct ProbeAnswer {
  int status = 0;
  std::vector<HeaderField> fields;
  std::string body;       // as far as it has come, 4 KiB at most
  bool is_whole = false;  // nothing more is needed
};

// What has come so far; informational answers (1xx) are skipped. nullopt: not even the fields are
// there. Errors: corrupt, when it is not HTTP or its fields are longer than 16 KiB.
Result<std::optional<ProbeAnswer>> read_probe_answer(std::string_view bytes);

// Fills outcome, status, location, message, retry_after and date.
void judge_probe_answer(const ProbeTarget& target, const ProbeAnswer& answer, ProbeResult& result);

// Where a page wants its reader to log in: <LoginURL>, a refresh, a link or form that looks like
// it. Absolute; empty: not found.
std::string find_login_url(std::string_view page, std::string_view base_url);

// Of Retry-After: seconds, or a date where the server also says what time it is. A week at most.
std::optional<Duration> parse_pause(std::string_view text, std::optional<Time> date);

}  // namespace core::net
