// SPDX-License-Identifier: MIT
#pragma once

// netwatch history: what the network was.

#include <string>

#include "libcore/cli/command.hpp"
#include "libcore/cli/table.hpp"

namespace netwatch {

enum class HistoryOf { changes, uptime };

struct HistoryOptions {
  std::string since;
  HistoryOf of = HistoryOf::changes;
  core::cli::Format format = core::cli::Format::text;
};

core::cli::Declaration<HistoryOptions> history_command();

}  // namespace netwatch
