// SPDX-License-Identifier: MIT
#pragma once

// The examinations of `netwatch doctor`, each a sentence and what to do about it. They contact
// nobody, and write one file, in netwatch/ of the queue, that is removed again.

#include <string>
#include <vector>

#include "libcore/base/check.hpp"
#include "libcore/cli/context.hpp"
#include "libcore/config/config.hpp"

namespace netwatch {

// Whether somebody has said who is contacted, be it nobody; unknown: what was said is not valid.
enum class Asked { no, yes, unknown };

// In the order of the report.
std::vector<core::Check> examine(core::cli::Context& context, const core::config::Config& config,
                                 Asked asked);

// "2 endpoints outside are contacted: …"
std::string sentence_of(const core::config::NetworkConfig& network, Asked asked);

}  // namespace netwatch
