// SPDX-License-Identifier: MIT
#pragma once

// offq wait: until operations are settled.

#include <optional>
#include <string>
#include <vector>

#include "libcore/base/time.hpp"
#include "tools/offq/selection.hpp"

namespace offq {

struct WaitOptions {
  std::vector<std::string> ids;
  std::optional<core::Duration> timeout;
};

core::cli::Declaration<WaitOptions> wait_command();

}  // namespace offq
