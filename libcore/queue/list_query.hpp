// SPDX-License-Identifier: MIT
#pragma once

// What commands ask of the index: which operations, in which order, and how many there are.

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "libcore/base/enum_names.hpp"
#include "libcore/base/time.hpp"
#include "libcore/codec/receipt.hpp"
#include "libcore/queue/layout.hpp"

namespace core::queue {

enum class SortBy { id, created, due, priority, type, state, size, attempts };
enum class Direction { ascending, descending };

// Which operations; empty lists mean all.
struct Query {
  std::vector<std::string> id_fragments{};  // prefixes or suffixes
  std::vector<State> states{};
  std::vector<std::string> types{};
  std::vector<std::string> lanes{};
  std::vector<std::string> keys{};
  std::vector<codec::Reason> reasons{};
  std::optional<Time> created_before{};
  std::optional<Time> created_after{};
  std::optional<Time> settled_before{};
  SortBy sort = SortBy::id;
  Direction direction = Direction::ascending;
  std::optional<std::uint64_t> limit{};
};

struct StateTotals {
  State state = State::pending;
  std::string type;
  std::uint64_t ops = 0;
  std::uint64_t bytes = 0;
  std::optional<Time> oldest;
};

struct Outcomes {
  std::uint64_t synced = 0;
  std::uint64_t failed = 0;
};

}  // namespace core::queue

template <>
inline constexpr std::array<std::string_view, 8> core::enum_names<core::queue::SortBy>{
    "id", "created", "due", "priority", "type", "state", "size", "attempts"};
