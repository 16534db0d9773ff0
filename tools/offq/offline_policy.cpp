// SPDX-License-Identifier: MIT
#include "tools/offq/offline_policy.hpp"

#include <fmt/core.h>

namespace offq {

void bind_policy(core::cli::Binder& b, PolicyOptions& o, const std::string& command) {
  b.option("--policy", "POLICY",
           fmt::format("What to do without a network: `queue` it, for the next `offq sync` that "
                       "has one; `skip` it; `local-fallback`: print what it printed last time, or "
                       "run `--fallback`; or `fail`. With `local-fallback` what {} prints is shown "
                       "when it has ended.",
                       command),
           o.policy);
  b.option("--cache-ttl", "DURATION",
           "With `local-fallback`: how old what it printed last time may be; an hour if not given.",
           o.cache_ttl);
  b.option("--fallback", "CMD",
           "With `local-fallback`: a shell command that is run when nothing is kept.", o.fallback);
}

core::Result<> check_policy(const PolicyOptions& options) {
  const bool may_fall_back = options.policy == OfflinePolicy::local_fallback;
  if (may_fall_back || (!options.cache_ttl && !options.fallback)) return {};
  return core::fail(core::Errc::usage,
                    "--cache-ttl and --fallback are for --policy local-fallback");
}

}  // namespace offq
