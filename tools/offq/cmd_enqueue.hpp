// SPDX-License-Identifier: MIT
#pragma once

// offq enqueue: make a request safe on disk.

#include "tools/offq/submit_options.hpp"

namespace offq {

struct EnqueueOptions {
  SubmitOptions submit;
};

core::cli::Declaration<EnqueueOptions> enqueue_command();

}  // namespace offq
