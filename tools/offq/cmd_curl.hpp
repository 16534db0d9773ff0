// SPDX-License-Identifier: MIT
#pragma once

// offq curl: a command line of curl(1), run when there is a network and queued when there is none.

#include <string>
#include <vector>

#include "libcore/cli/command.hpp"
#include "tools/offq/offline_policy.hpp"

namespace offq {

struct CurlOptions {
  PolicyOptions offline;               // before anything of curl's
  std::vector<std::string> arguments;  // as they were typed
};

core::cli::Declaration<CurlOptions> curl_command();

}  // namespace offq
