// SPDX-License-Identifier: MIT
#pragma once

// offq sync: deliver what is due.

#include <optional>
#include <string>
#include <vector>

#include "libcore/base/time.hpp"
#include "tools/offq/selection.hpp"

namespace offq {

enum class Force { no, yes };            // --force
enum class WhenLocked { refuse, wait };  // --wait
enum class Stay { no, yes };             // --watch

struct SyncOptions {
  std::vector<std::string> ids;
  std::optional<int> concurrency;
  std::optional<std::int64_t> max_ops;
  std::optional<int> batch_size;
  std::vector<std::string> types;
  std::vector<std::string> lanes;
  DryRun dry_run = DryRun::no;
  Force force = Force::no;
  std::optional<core::Duration> timeout;
  WhenLocked when_locked = WhenLocked::refuse;
  Stay stay = Stay::no;
  core::cli::Format format = core::cli::Format::text;
};

core::cli::Declaration<SyncOptions> sync_command();

}  // namespace offq
