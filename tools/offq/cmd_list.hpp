// SPDX-License-Identifier: MIT
#pragma once

// offq list: which operations are there.

#include <optional>
#include <string>
#include <vector>

#include "libcore/base/time.hpp"
#include "libcore/queue/index.hpp"
#include "tools/offq/selection.hpp"

namespace offq {

using core::queue::Direction;
using core::queue::SortBy;

struct ListOptions {
  std::vector<std::string> ids;
  std::vector<State> states;
  std::vector<std::string> types;
  std::vector<std::string> lanes;
  std::vector<Reason> reasons;
  std::vector<std::string> keys;
  std::optional<core::Duration> older_than;
  std::optional<core::Duration> newer_than;
  SortBy sort = SortBy::id;
  Direction direction = Direction::ascending;
  std::optional<std::int64_t> limit;  // absent: 20 on a terminal, all otherwise
  core::cli::Format format = core::cli::Format::text;
  core::cli::Header header = core::cli::Header::yes;
};

core::cli::Declaration<ListOptions> list_command();

}  // namespace offq
