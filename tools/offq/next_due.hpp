// SPDX-License-Identifier: MIT
#pragma once

// When there will be something to send: for the commands that tell.

#include <optional>

#include "libcore/base/result.hpp"
#include "libcore/base/time.hpp"
#include "libcore/cli/context.hpp"
#include "libcore/queue/index.hpp"

namespace offq {

// Now when something is due, else the earliest time that an operation waits for. Held destinations
// are not looked at. nullopt: nothing pending is or becomes due by itself.
core::Result<std::optional<core::Time>> next_due(const core::cli::Context& context,
                                                 core::queue::Index& index);

}  // namespace offq
