// SPDX-License-Identifier: MIT
#pragma once

// Examining the place where a queue is, or will be: what holds there, what it costs, and what is in
// the way. It reads, and where the queue is there and writable it writes small files in tmp/, under
// names that nobody else uses, and removes them. A directory that is not there is not made: then
// its nearest parent is looked at.

#include <array>
#include <optional>
#include <string>
#include <vector>

#include "libcore/base/check.hpp"
#include "libcore/base/enum_names.hpp"
#include "libcore/base/result.hpp"
#include "libcore/base/time.hpp"
#include "libcore/queue/promise.hpp"
#include "libcore/queue/usage.hpp"
#include "libcore/sys/clock.hpp"
#include "libcore/sys/files.hpp"
#include "libcore/sys/machine.hpp"

namespace core::queue {

// What it takes to make a file durable, and its name: an enqueue does both once.
struct SyncTimes {
  Duration file_median{};
  Duration file_worst{};
  Duration name_median{};
  Duration name_worst{};
  int rounds = 0;
};

struct Diagnosis {
  std::string directory;  // absolute
  bool exists = false;    // a queue is there
  Promise promise;
  std::vector<Check> checks;
  std::optional<SyncTimes> sync_times;
};

struct Examination {
  const sys::Machine& machine;
  const sys::Clock& clock;
  Limits limits;
  Duration longest{std::chrono::seconds{1}};  // for measuring
};

Diagnosis examine(const std::string& directory, const Examination& with);

// The same of a tree that a test provides.
Diagnosis examine(sys::Files& files, const Examination& with);

}  // namespace core::queue

template <>
inline constexpr std::array<std::string_view, 3> core::enum_names<core::queue::Survives>{
    "power_loss", "kill", "elsewhere"};
