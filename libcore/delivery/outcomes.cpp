// SPDX-License-Identifier: MIT
#include "libcore/delivery/outcomes.hpp"

#include <chrono>
#include <iterator>
#include <utility>

namespace core::delivery {
namespace {

using namespace std::chrono_literals;

constexpr std::size_t k_group = 256;
constexpr Duration k_group_age = 50ms;
// So many wait for a disk that is slower than the network; then it is waited for. One takes 2 KiB.
constexpr std::size_t k_most = 4 * k_group;

}  // namespace

void Outcomes::keep(queue::Settlement settlement) {
  if (group_.empty()) oldest_ = clock_.since_boot();
  group_.push_back(std::move(settlement));
}

bool Outcomes::is_due() const {
  if (group_.empty()) return false;
  return group_.size() >= k_group || clock_.since_boot() - oldest_ >= k_group_age;
}

Result<Outcomes::Group> Outcomes::settle_due() {
  if (!is_due() && !beside_.valid()) return Group{};
  TRY_ASSIGN(Beside * other, other_thread());
  if (other == nullptr) return is_due() ? settle_all() : Group{};
  const bool must_wait = group_.size() >= k_most;
  if (beside_.valid() && !must_wait && beside_.wait_for(0s) == std::future_status::timeout) {
    return Group{};
  }
  TRY_ASSIGN(auto done, collect());
  if (is_due()) {
    // Where no thread can be had, the work is done when it is asked for.
    const auto when = std::launch::async | std::launch::deferred;
    beside_ = std::async(when, [other, group = std::exchange(group_, {})]() mutable {
      auto settled = other->settler.settle(group);
      return settled ? Result<Group>(std::move(group))
                     : tl::unexpected<Error>(std::move(settled).error());
    });
  }
  return done;
}

Result<Outcomes::Group> Outcomes::settle_all() {
  auto done = collect();
  // What waits is settled all the same.
  auto group = std::exchange(group_, {});
  if (!group.empty()) TRY(settler_.settle(group));
  TRY(done);
  std::ranges::move(group, std::back_inserter(*done));
  return done;
}

Result<Outcomes::Group> Outcomes::collect() {
  return beside_.valid() ? beside_.get() : Group{};
}

// nullptr: the index is in memory, where no other thread can reach it.
Result<Outcomes::Beside*> Outcomes::other_thread() {
  if (std::exchange(has_tried_, true)) return other_.get();
  TRY_ASSIGN(auto index, store_.index().open_beside());
  if (index) other_ = std::make_unique<Beside>(store_, *std::move(index), clock_);
  return other_.get();
}

}  // namespace core::delivery
