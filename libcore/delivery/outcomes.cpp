// SPDX-License-Identifier: MIT
#include "libcore/delivery/outcomes.hpp"

#include <algorithm>
#include <chrono>
#include <iterator>
#include <utility>

namespace core::delivery {
namespace {

using namespace std::chrono_literals;

constexpr std::size_t k_group = 256;
constexpr Duration k_group_age = 50ms;
// So many wait for a disk that is slower than the network; then it is waited for. One takes
// 2 KiB, and what the server answered.
constexpr std::size_t k_most = 4 * k_group;

}  // namespace

void Outcomes::keep(queue::Settlement settlement) {
  if (group_.empty()) {
    oldest_ = clock_.since_boot();
    group_.reserve(2 * k_group);  // more than one answer may tell of at once
  }
  group_.push_back(std::move(settlement));
}

bool Outcomes::is_due() const {
  if (group_.empty()) return false;
  return group_.size() >= k_group || clock_.since_boot() - oldest_ >= k_group_age;
}

Result<> Outcomes::settle_due() {
  if (!is_due() && !beside_.valid()) return {};
  Beside* other = other_thread();
  if (other == nullptr) return is_due() ? settle_all() : Result<>{};
  const bool must_wait = group_.size() >= k_most;
  if (beside_.valid() && !must_wait && beside_.wait_for(0s) == std::future_status::timeout) {
    return {};
  }
  TRY(collect());
  if (!is_due()) return {};
  // Where no thread can be had, the work is done when it is asked for.
  const auto when = std::launch::async | std::launch::deferred;
  beside_ = std::async(when, [other, group = std::exchange(group_, {})]() mutable {
    auto settled = other->settler.settle(group);
    return settled ? Result<Group>(std::move(group))
                   : tl::unexpected<Error>(std::move(settled).error());
  });
  return {};
}

Result<> Outcomes::settle_all() {
  const auto collected = collect();
  // What waits is settled all the same.
  auto group = std::exchange(group_, {});
  if (!group.empty()) {
    TRY(settler_.settle(group));
    add_settled(std::move(group));
  }
  return collected;
}

Result<> Outcomes::collect() {
  if (!beside_.valid()) return {};
  TRY_ASSIGN(auto group, beside_.get());
  add_settled(std::move(group));
  return {};
}

void Outcomes::add_settled(Group group) {
  if (settled_.empty()) {
    settled_ = std::move(group);
  } else {
    std::ranges::move(group, std::back_inserter(settled_));
  }
}

// nullptr: the index is in memory, or cannot be opened once more; then this thread has to do.
Outcomes::Beside* Outcomes::other_thread() {
  if (std::exchange(has_tried_, true)) return other_.get();
  auto index = store_.index().open_beside();
  if (index && *index) other_ = std::make_unique<Beside>(store_, **std::move(index), clock_);
  return other_.get();
}

}  // namespace core::delivery
