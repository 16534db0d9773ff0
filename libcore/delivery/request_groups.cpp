// SPDX-License-Identifier: MIT
#include "libcore/delivery/request_groups.hpp"

#include <algorithm>
#include <cstddef>
#include <iterator>
#include <utility>

namespace core::delivery {
namespace {

constexpr std::size_t k_many = 16;

Flight empty_copy(const Flight& flight) {
  return {.members = {},
          .target = flight.target,
          .route = flight.route,
          .request = {},
          .own_secrets = flight.own_secrets};
}

}  // namespace

Flight* RequestGroups::find_alike(const Router& router, const codec::Envelope& operation) {
  for (auto& group : groups_) {
    const bool can_share = group.flight.route.batch != nullptr;
    if (can_share && router.leads_alike(group.model, operation)) return &group.flight;
  }
  return nullptr;
}

void RequestGroups::join(Flight& flight, Member member) {
  const auto group = std::ranges::find(groups_, &flight, [](Group& g) { return &g.flight; });
  join(*group, std::move(member));
}

// With a member that fits no more the next request begins.
void RequestGroups::join(Group& group, Member member) {
  const auto bytes = batch_bytes(member.item);
  if (group.bytes + bytes > group.flight.route.batch->max_size.value) {
    auto next = empty_copy(group.flight);
    full_.push_back(std::exchange(group.flight, std::move(next)));
    group.bytes = 0;
  }
  group.bytes += bytes;
  group.flight.members.push_back(std::move(member));
}

void RequestGroups::add(Flight flight, codec::Envelope operation) {
  for (auto& group : groups_) {
    if (!are_shareable(group.flight.route, flight.route)) continue;
    join(group, std::move(flight.members.front()));
    return;
  }
  open(std::move(flight), std::move(operation));
}

void RequestGroups::open(Flight flight, codec::Envelope operation) {
  const auto bytes = batch_bytes(flight.members.front().item);
  groups_.push_back({std::move(flight), std::move(operation), bytes});
}

bool RequestGroups::are_many() const {
  return groups_.size() >= k_many;
}

void RequestGroups::move_to(std::deque<Flight>& ready) {
  std::ranges::move(full_, std::back_inserter(ready));
  for (auto& group : groups_)
    ready.push_back(std::move(group.flight));
}

}  // namespace core::delivery
