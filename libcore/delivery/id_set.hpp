// SPDX-License-Identifier: MIT
#pragma once

// A set of ids that costs the same however many a run has under way.

#include <array>
#include <bit>
#include <cstddef>
#include <cstdint>
#include <unordered_set>

#include "libcore/base/ids.hpp"

namespace core::delivery {

// All of an id counts: those that are given out within a millisecond differ in their last bits
// alone, those of a batch in their line.
struct IdHash {
  std::size_t operator()(const OperationId& id) const {
    constexpr std::uint64_t k_spread = 0x9E3779B97F4A7C15;
    const auto words = std::bit_cast<std::array<std::uint64_t, 2>>(id.stem.bytes());
    const std::uint64_t mixed = (words[0] * k_spread) ^ words[1];
    return static_cast<std::size_t>((mixed ^ (mixed >> 32U)) * k_spread + id.line);
  }
};

using IdSet = std::unordered_set<OperationId, IdHash>;

}  // namespace core::delivery
