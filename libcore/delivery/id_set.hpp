// SPDX-License-Identifier: MIT
#pragma once

// A set of ids that costs the same however many a run has under way.

#include <cstddef>
#include <cstdint>
#include <unordered_set>

#include "libcore/base/ids.hpp"

namespace core::delivery {

// Ids differ in their time, or in their line where the time is that of a batch.
struct IdHash {
  std::size_t operator()(const OperationId& id) const {
    constexpr std::uint64_t k_spread = 0x9E3779B97F4A7C15;
    const auto time = static_cast<std::uint64_t>(id.stem.time().time_since_epoch().count());
    return static_cast<std::size_t>((time + id.line) * k_spread);
  }
};

using IdSet = std::unordered_set<OperationId, IdHash>;

}  // namespace core::delivery
