// SPDX-License-Identifier: MIT
#pragma once

// offq verify: is every id that was ever printed accounted for?

#include "libcore/cli/command.hpp"
#include "libcore/cli/table.hpp"

namespace offq {

enum class AcceptGaps { no, yes };

struct VerifyOptions {
  AcceptGaps accept = AcceptGaps::no;
  core::cli::Format format = core::cli::Format::text;
};

core::cli::Declaration<VerifyOptions> verify_command();

}  // namespace offq
