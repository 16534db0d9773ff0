// SPDX-License-Identifier: MIT
#include "tools/offq/next_due.hpp"

#include "tools/offq/names.hpp"

namespace offq {
namespace {

using core::queue::DueQuery;
using core::queue::Index;

Result<bool> is_any_due(Index& index, const DueQuery& query) {
  TRY_ASSIGN(const auto targets, index.pending_targets());
  for (const auto& target : targets) {
    std::optional<core::queue::PageEnd> end;
    TRY_ASSIGN(const auto page,
               index.due_page(query, target, core::queue::DueOrder::best_first, 1, end));
    if (!page.empty()) return true;
  }
  TRY_ASSIGN(const auto heads, index.due_lane_heads(query));
  return !heads.empty();
}

}  // namespace

Result<std::optional<core::Time>> next_due(const Context& context, Index& index) {
  DueQuery query;
  query.now = {.wall = context.clock.now(), .since_boot = context.clock.since_boot()};
  TRY_ASSIGN(const bool now, is_any_due(index, query));
  if (now) return query.now.wall;
  return index.next_due_time(query.now);
}

}  // namespace offq
