// SPDX-License-Identifier: MIT
#pragma once

// The budget of the queue that the command line names, with what it needs.

#include <memory>
#include <string>
#include <string_view>

#include "libcore/base/result.hpp"
#include "libcore/cli/context.hpp"
#include "libcore/config/config.hpp"
#include "libcore/netstate/budget.hpp"
#include "libcore/sys/calendar.hpp"
#include "libcore/sys/files.hpp"

namespace netwatch {

struct OpenBudget {
  std::unique_ptr<core::sys::Files> files;
  std::unique_ptr<core::sys::Calendar> calendar;
  core::netstate::Network network;
  std::unique_ptr<core::netstate::Budget> budget;

  // Warns of what is to be known of the file.
  void tell_remarks(core::cli::Context& context) const;
};

// `network` names one; empty: the one in use. Errors: as open_place; config.
core::Result<OpenBudget> open_budget(core::cli::Context& context, const std::string& network);

// A size as an operand. Errors: usage.
core::Result<core::ByteCount> size_of(std::string_view text);

}  // namespace netwatch
