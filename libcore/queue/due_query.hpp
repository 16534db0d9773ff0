// SPDX-License-Identifier: MIT
#pragma once

// What the scheduler asks of the index: which operations may be sent now, and in which order.

#include <chrono>
#include <cstdint>
#include <string>
#include <vector>

#include "libcore/base/ids.hpp"
#include "libcore/base/time.hpp"

namespace core::queue {

// The clocks that scheduling compares with.
struct Instant {
  Time wall;
  Duration since_boot{};
  Duration retry_cap{std::chrono::hours{1}};  // a retry_at further ahead than this is not believed
};

// How pending operations are ordered for delivery; higher scores first, then older ids.
struct Order {
  double critical = 0;  // added for critical operations
  double recency = 0;   // weight / max(1, age in hours)
  double small_score = 0;
  std::uint64_t small_under = 0;  // bytes
  bool by_priority_only() const { return critical == 0 && recency == 0 && small_score == 0; }
};

enum class LaneHeadFailure { go_on, stop };

enum class DueOrder { best_first, newest_first, smallest_first };

struct DueQuery {
  Instant now;
  Order order;
  LaneHeadFailure lanes = LaneHeadFailure::go_on;
  bool ignore_times = false;  // sync --force
  std::vector<std::string> types;
  std::vector<std::string> lane_names;
};

// Where a page of due operations ended.
struct PageEnd {
  double score = 0;
  OperationId id;
};

}  // namespace core::queue
