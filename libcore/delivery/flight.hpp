// SPDX-License-Identifier: MIT
#pragma once

// One request under way, and the operations that it carries: one, or several that share it.

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "libcore/base/result.hpp"
#include "libcore/base/units.hpp"
#include "libcore/delivery/request_batch.hpp"
#include "libcore/delivery/route.hpp"
#include "libcore/delivery/secrets.hpp"
#include "libcore/net/http.hpp"

namespace core::delivery {

struct Flight {
  std::vector<Member> members;
  std::string target;
  Route route;                // as routed: header values may hold ${…}
  net::HttpRequest request;   // as sent
  bool late_bound = false;    // it carries a secret of ours
  std::string own_secrets{};  // headers of its own that name secrets, as in the queue
  std::string own_bound{};    // the same as they were sent; empty when they cannot be had
  bool refreshed = false;     // the secret was read again after a 401
  int hops = 0;
  std::optional<ByteCount> allowed{};  // what it takes of the budget
  bool is_counted = false;             // among the operations that the run has sent
  std::int64_t index_version = 0;      // of the index, when its members were found
};

// About how many bytes it will put on the wire, answer included.
ByteCount expected_bytes(const Flight& flight);

// Makes body and key of a request that may be shared.
void pack(Flight& flight);

// Makes `request` from the route. Errors: config, for a secret that cannot be had; when that is
// the endpoint's fault, own_secrets is empty after it.
Result<> bind_secrets(Flight& flight, const Secrets& secrets);

// Whether our credential has changed since the request was made (a token file that somebody
// renewed). To be asked once for each request.
bool has_new_credential(Flight& flight, const Secrets& secrets);

}  // namespace core::delivery
