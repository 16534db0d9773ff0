// SPDX-License-Identifier: MIT
// What the daemon publishes, and whom it tells.
#include <algorithm>
#include <utility>

#include <fmt/core.h>

#include "libcore/netstate/published.hpp"
#include "tools/netwatch/daemon.hpp"
#include "tools/netwatch/finding.hpp"
#include "tools/netwatch/probe_budget.hpp"

namespace netwatch {
namespace {

namespace netstate = core::netstate;
using core::Duration;
using namespace std::chrono_literals;

constexpr Duration k_grace = 500ms;
constexpr Duration k_first_retry = 1s;
constexpr Duration k_longest_retry = 60s;

}  // namespace

bool Daemon::must_publish() const {
  const auto& monitor = lookout_->monitor();
  const Duration now = context_.clock.since_boot();
  if (now < retry_at_) return false;
  if (!line_ || is_line_foreign_ || monitor.is_flapping() != was_flapping_) return true;
  // What speaks against it and is not confirmed is no answer to anybody.
  if (!monitor.is_deciding() && (is_asked_ || monitor.looked() != looked_)) return true;
  // With traffic it is confirmed all the time.
  if (monitor.confirmed() - confirmed_ >= config_.network.interval / 2) return true;
  const auto& verdict = *monitor.verdict();
  const auto mode =
      override_ ? override_->mode
                : netstate::mode_of(verdict.state, lookout_->observer().observation().policy);
  return verdict.state != line_->state || verdict.reason != line_->reason ||
         verdict.interface != line_->interface || metered_ != line_->metered || mode != line_->mode;
}

void Daemon::publish() {
  const auto& monitor = lookout_->monitor();
  const Duration now = context_.clock.since_boot();
  const Finding finding{
      .by = netstate::Author::daemon, .metered = metered_, .override_ = override_};
  auto document =
      document_of(monitor, lookout_->observer().observation().policy, finding, context_.clock);
  ProbeBudget budget(files_, context_.clock, context_.random, config_.budget);
  const auto spent = budget.spend(lookout_->observer().take_cost());
  if (!spent) warn_once(spent.error().message);
  document.budget_left = budget.left();
  for (const auto& remark : budget.remarks())
    warn_once(remark);
  const auto published = netwatch::publish(files_, context_.clock, std::move(document));
  if (!published) {
    const auto pause = k_first_retry * (1 << std::min(failures_++, 6));
    retry_at_ = now + std::min<Duration>(pause, k_longest_retry);
    return warn_once(published.error().message + ": trying again");
  }
  failures_ = 0;
  if (!monitor.is_deciding()) is_asked_ = false;
  is_line_foreign_ = false;
  line_ = published->line;
  was_flapping_ = monitor.is_flapping();
  confirmed_ = monitor.confirmed();
  looked_ = monitor.looked();
}

void Daemon::tell_hooks() {
  const Duration now = context_.clock.since_boot();
  if (line_ && lookout_->monitor().is_settled(now)) {
    hooks_.tell(*line_, config_.network.hook_timeout);
  } else {
    hooks_.tend();
  }
}

void Daemon::end_hooks() {
  hooks_.end(k_grace);
}

void Daemon::tell_supervisor() {
  const Duration now = context_.clock.since_boot();
  if (watchdog_ > Duration{} && watchdog_at_ <= now) {
    watchdog_at_ = now + watchdog_;
    supervisor_.tell("WATCHDOG=1");
  }
  if (!line_) return;
  const auto status =
      fmt::format("STATUS={} ({}), {}", line_->state ? core::name_of(*line_->state) : "unknown",
                  core::name_of(line_->reason), core::name_of(line_->mode));
  if (!std::exchange(is_ready_, true)) {
    supervisor_.tell("READY=1");
    context_.note("watching the network for " + files_.root());
  }
  if (status == status_) return;
  status_ = status;
  supervisor_.tell(status);
}

}  // namespace netwatch
