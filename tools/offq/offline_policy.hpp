// SPDX-License-Identifier: MIT
#pragma once

// What is done without a network with a command that needs one: the options that `offq run` and
// `offq curl` share. policy_run.hpp does it.

#include <array>
#include <optional>
#include <string>
#include <string_view>

#include "libcore/base/enum_names.hpp"
#include "libcore/base/result.hpp"
#include "libcore/base/time.hpp"
#include "libcore/cli/command.hpp"

namespace offq {

enum class OfflinePolicy { queue, skip, local_fallback, fail };

struct PolicyOptions {
  OfflinePolicy policy = OfflinePolicy::queue;
  std::optional<core::Duration> cache_ttl;
  std::optional<std::string> fallback;
};

// Binds --policy, --cache-ttl and --fallback. `command` is what the user calls the command.
void bind_policy(core::cli::Binder& b, PolicyOptions& o, const std::string& command);
// Errors: usage.
core::Result<> check_policy(const PolicyOptions& options);

}  // namespace offq

template <>
inline constexpr std::array<std::string_view, 4> core::enum_names<offq::OfflinePolicy>{
    "queue", "skip", "local-fallback", "fail"};
