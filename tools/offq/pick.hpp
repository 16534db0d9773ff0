// SPDX-License-Identifier: MIT
#pragma once

// Which operations a command is about: those named as operands or on standard input, or all that
// meet its conditions.

#include <string>
#include <vector>

#include "libcore/base/result.hpp"
#include "libcore/cli/context.hpp"
#include "libcore/cli/exit_code.hpp"
#include "libcore/queue/store.hpp"
#include "tools/offq/selection.hpp"

namespace offq {

struct Picked {
  std::vector<core::queue::Entry> entries;  // each once, in the order in which they were named
  // not_found or usage when an id named none or several, which has been said on stderr.
  core::cli::ExitCode code = core::cli::ExitCode::ok;
};

// With ids, `conditions` narrow what they name; its states are not looked at, so that the state
// machine can say why an operation is refused. Errors: io, and corrupt for what is read.
core::Result<Picked> pick(core::cli::Context& context, core::queue::Store& store,
                          const std::vector<std::string>& ids, IdSource source,
                          const core::queue::Query& conditions = {});

}  // namespace offq
