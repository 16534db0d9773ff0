// SPDX-License-Identifier: MIT
#pragma once

// offq send: queue a request, and try to deliver it at once.

#include <optional>

#include "libcore/base/time.hpp"
#include "tools/offq/submit_options.hpp"

namespace offq {

struct SendOptions {
  SubmitOptions submit;
  std::optional<core::Duration> timeout;
};

core::cli::Declaration<SendOptions> send_command();

}  // namespace offq
