// SPDX-License-Identifier: MIT
#pragma once

// What the code of all commands speaks of, by the names that it has everywhere. For .cpp files of
// netwatch alone.

#include "libcore/base/result.hpp"
#include "libcore/base/time.hpp"
#include "libcore/base/units.hpp"
#include "libcore/cli/context.hpp"
#include "libcore/cli/exit_code.hpp"
#include "libcore/cli/record.hpp"
#include "libcore/cli/table.hpp"
#include "libcore/netstate/state.hpp"
#include "libcore/queue/layout.hpp"

namespace netwatch {

namespace netstate = core::netstate;
namespace path = core::queue::path;

using core::ByteCount;
using core::Duration;
using core::Errc;
using core::Result;
using core::Time;
using core::cli::Context;
using core::cli::ExitCode;
using core::cli::Format;
using core::cli::RawJson;
using core::cli::Record;
using core::cli::Style;
using core::cli::Value;

}  // namespace netwatch
