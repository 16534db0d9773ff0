// SPDX-License-Identifier: MIT
#pragma once

// offq curl: the code. Links no shared library; curl itself is run.

#include "libcore/cli/context.hpp"
#include "tools/offq/cmd_curl.hpp"

namespace offq {

core::Result<core::cli::ExitCode> run_curl(core::cli::Context& context, const CurlOptions& options);

}  // namespace offq
