// SPDX-License-Identifier: MIT
#pragma once

// Doing one thing to many operations: in groups, telling the ids of what is done as soon as it is
// durable, and going on when one of them cannot be changed.

#include "libcore/base/result.hpp"
#include "libcore/cli/context.hpp"
#include "libcore/cli/table.hpp"
#include "libcore/queue/store.hpp"
#include "tools/offq/pick.hpp"
#include "tools/offq/selection.hpp"

namespace offq {

// The exit code: that of `picked`, else 1 when an operation refused the event, else 0.
core::Result<core::cli::ExitCode> change(core::cli::Context& context, core::queue::Store& store,
                                         const Picked& picked, const core::queue::Event& event,
                                         core::cli::Format format);

// The ids of changed operations on stdout.
void print_changed(core::cli::Context& context, const core::OperationId& id,
                   core::cli::Format format, std::string_view state);

// Whether the user wants it. Asks on a terminal; elsewhere --yes must have been given: usage.
core::Result<bool> is_confirmed(core::cli::Context& context, Confirm confirm,
                                const std::string& question);

}  // namespace offq
