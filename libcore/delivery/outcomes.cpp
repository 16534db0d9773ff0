// SPDX-License-Identifier: MIT
#include "libcore/delivery/outcomes.hpp"

#include <chrono>
#include <utility>

namespace core::delivery {
namespace {

using namespace std::chrono_literals;

constexpr std::size_t k_group = 256;
constexpr Duration k_group_age = 50ms;

}  // namespace

void Outcomes::keep(queue::Settlement settlement) {
  if (group_.empty()) oldest_ = clock_.since_boot();
  group_.push_back(std::move(settlement));
}

bool Outcomes::are_due() const {
  if (group_.empty()) return false;
  return group_.size() >= k_group || clock_.since_boot() - oldest_ >= k_group_age;
}

Result<std::vector<queue::Settlement>> Outcomes::settle() {
  auto group = std::exchange(group_, {});
  TRY(settler_.settle(group));
  return group;
}

}  // namespace core::delivery
