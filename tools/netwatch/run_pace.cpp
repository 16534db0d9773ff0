// SPDX-License-Identifier: MIT
#include "tools/netwatch/run_pace.hpp"

#include <chrono>

#include <fmt/core.h>

#include "libcore/sys/signal.hpp"
#include "libcore/sys/wait.hpp"
#include "tools/netwatch/open_budget.hpp"
#include "tools/netwatch/vocabulary.hpp"

namespace netwatch {
namespace {

// The turn is taken of a copy.
Result<std::optional<Duration>> look(Context& context, const OpenBudget& open,
                                     const PaceOptions& options) {
  const auto& rate = open.budget->limits().rate;
  if (!open.network.is_limited || !rate) return Duration{0};
  TRY_ASSIGN(auto account, open.budget->account());
  return core::netstate::take_turn(account.pace, options.size, *rate, context.clock.boot_id(),
                                   context.clock.since_boot(), options.longest);
}

}  // namespace

Result<ExitCode> run_pace(Context& context, const PaceOptions& options) {
  core::sys::catch_interruptions();
  TRY_ASSIGN(const auto open, open_budget(context, options.network));
  const bool is_dry = options.dry_run == DryRun::yes;
  TRY_ASSIGN(const auto wait, is_dry
                                  ? look(context, open, options)
                                  : open.budget->pace(open.network, options.size, options.longest));
  open.tell_remarks(context);
  if (!wait) {
    return core::fail(Errc::later, fmt::format("pace: it would take longer than {}",
                                               core::format_duration(*options.longest)));
  }
  if (is_dry) {
    const std::chrono::duration<double> seconds = *wait;
    context.out.write(fmt::format("{:.3f}\n", seconds.count()));
    return ExitCode::ok;
  }
  const Duration end = context.clock.since_boot() + *wait;
  for (auto now = context.clock.since_boot(); now < end; now = context.clock.since_boot())
    TRY(core::sys::wait_for(-1, 0, end - now));
  return ExitCode::ok;
}

}  // namespace netwatch
