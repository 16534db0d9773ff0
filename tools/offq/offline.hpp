// SPDX-License-Identifier: MIT
#pragma once

// Whether programs are to behave as if there was no network, for commands that are not deliveries.

#include <optional>
#include <string>

#include "libcore/cli/context.hpp"

namespace offq {

// Why; nullopt: online, or nobody knows. A file that is damaged is warned of, and nobody knows.
std::optional<std::string> why_offline(core::cli::Context& context);

}  // namespace offq
