// SPDX-License-Identifier: MIT
#pragma once

// What the body of an answer says of each operation that shared the request: offkit(7), "Shared
// requests". Pure.

#include <span>
#include <string>
#include <vector>

#include "libcore/base/result.hpp"
#include "libcore/config/config.hpp"
#include "libcore/delivery/expect.hpp"
#include "libcore/delivery/request_batch.hpp"
#include "libcore/delivery/verdict.hpp"
#include "libcore/net/http.hpp"

namespace core::delivery {

// Of one operation. The verdict is delivered, temporary, conflict or rejected.
struct PartAnswer {
  Verdict verdict;
  int status = 0;    // the element's, if it says one
  std::string text;  // the element as it came; empty: there is none
};

// One for each member, in their order. Errors: corrupt, when the answer does not tell; then nobody
// knows what became of any of them.
Result<std::vector<PartAnswer>> read_batch_answer(const net::HttpResponse& response,
                                                  const config::Batch& batch,
                                                  std::span<const Member> members,
                                                  const Expect& expect);

}  // namespace core::delivery
