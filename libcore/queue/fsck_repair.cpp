// SPDX-License-Identifier: MIT
#include <string>
#include <utility>
#include <vector>

#include <fmt/core.h>

#include "libcore/codec/receipt.hpp"
#include "libcore/queue/body_checks.hpp"
#include "libcore/queue/copies.hpp"
#include "libcore/queue/fsck.hpp"
#include "libcore/queue/layout.hpp"
#include "libcore/queue/operation.hpp"
#include "libcore/queue/settle.hpp"
#include "libcore/queue/transition.hpp"
#include "libcore/queue/usage.hpp"
#include "libcore/sys/paths.hpp"

namespace core::queue {
namespace {

// What is in the way of an operation's delivery: its body is gone or another one.
Result<std::vector<Settlement>> bodiless(const sys::Files& files, Index& index) {
  std::vector<Settlement> group;
  BodyChecks checks(files);
  TRY(index.select({.states = {State::pending}}, [&](const Entry& entry) -> Result<> {
    const auto envelope = load_operation(files, entry);
    if (!envelope || !envelope->blob) return {};
    TRY_ASSIGN(const std::string complaint, checks.complaint(*envelope->blob));
    if (complaint.empty()) return {};
    TRY_ASSIGN(const auto step, transition({.state = entry.state(), .attempts = entry.attempts},
                                           event::GivenUp{.reason = codec::Reason::unreadable}));
    Settlement settlement{.entry = entry, .transition = step, .receipt = {}};
    settlement.receipt.error_class = "unreadable";
    settlement.receipt.error_message =
        fmt::format("its body {} {}", blob_path(envelope->blob->sha256), complaint);
    group.push_back(std::move(settlement));
    return {};
  }));
  return group;
}

Result<> remove_copies(sys::Files& files, Index& index) {
  TRY_ASSIGN(const auto found, copies(files));
  for (const auto& [id, paths] : found) {
    for (std::size_t i = 1; i < paths.size(); ++i) {
      TRY_ASSIGN(const bool same, have_same_bytes(files, paths[0], paths[i]));
      if (!same) continue;
      // The one that stays must be durable before the other one goes.
      TRY(files.sync_directory(sys::parent_path(paths[0])));
      TRY(files.remove(paths[i]));
      TRY(files.sync_directory(sys::parent_path(paths[i])));
      const auto slash = paths[i].find('/');
      const auto state = value_of<State>(paths[i].substr(0, slash));
      if (state) TRY(index.remove_file(*state, paths[i].substr(slash + 1)));
    }
  }
  return {};
}

}  // namespace

Result<> repair(sys::Files& files, Index& index, const sys::Clock& clock) {
  TRY(remove_copies(files, index));
  TRY_ASSIGN(auto group, bodiless(files, index));
  if (!group.empty()) TRY(Settler(files, index, clock).settle(group));
  TRY_ASSIGN(const Amount pending, index.pending_amount());
  return set_usage(files, pending);
}

}  // namespace core::queue
