// SPDX-License-Identifier: MIT
#pragma once

// The names of libcore that the code of nearly every command uses.

#include "libcore/base/result.hpp"
#include "libcore/cli/context.hpp"
#include "libcore/cli/exit_code.hpp"
#include "libcore/cli/table.hpp"

namespace offq {

using core::Errc;
using core::fail;
using core::Result;
using core::cli::Context;
using core::cli::ExitCode;
using core::cli::Format;

}  // namespace offq
