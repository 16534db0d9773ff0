// SPDX-License-Identifier: MIT
#pragma once

// How a delivery tells what happened: as JSON for programs, as a line for people.

#include <string>

#include "libcore/base/time.hpp"
#include "libcore/cli/context.hpp"
#include "libcore/cli/record.hpp"
#include "libcore/delivery/sync_run.hpp"

namespace offq {

core::cli::Record report_record(const core::delivery::Report& report);
core::cli::Record summary_record(const core::delivery::Summary& summary);

// "failed 01K… POST …: 404: …", one line.
std::string report_line(const core::delivery::Report& report, core::Time now);
// "held: http://127.0.0.1:8787: connection refused: 5 wait, next try in 2s".
std::string hold_line(const core::delivery::HeldDestination& held, core::Time now);

// "over budget: 100 MB of budget.daily (100 MB) are spent or reserved: 5 operations wait until …".
std::string budget_line(const core::delivery::NetworkHold& hold, std::uint64_t waiting,
                        core::Time now);
// "offline: the network is disconnected (no-route): 5 operations wait until it is back".
std::string network_line(const core::delivery::NetworkHold& hold, std::uint64_t waiting,
                         core::Time now);

// Counts to stdout, held destinations to stderr; nothing when quiet.
void print_summary(core::cli::Context& context, const core::delivery::Summary& summary);

}  // namespace offq
