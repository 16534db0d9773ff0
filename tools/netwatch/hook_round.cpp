// SPDX-License-Identifier: MIT
#include "tools/netwatch/hook_round.hpp"

#include <algorithm>
#include <chrono>
#include <cstdint>
#include <optional>
#include <string>

#include <poll.h>

#include "libcore/netstate/hooks.hpp"
#include "libcore/netstate/reading.hpp"
#include "libcore/sys/child.hpp"
#include "libcore/sys/poll_set.hpp"
#include "libcore/sys/wait.hpp"

namespace netwatch {
namespace {

namespace netstate = core::netstate;
using core::Duration;
using core::Result;

constexpr Duration k_grace = std::chrono::milliseconds{500};

Result<> run_to_the_end(netstate::Hooks& hooks, const core::sys::PollSet& wakes,
                        const core::sys::Clock& clock) {
  while (!hooks.is_idle() && !hooks.waits_for_others()) {
    std::optional<Duration> left;
    if (const auto deadline = hooks.deadline()) {
      left = std::max(*deadline - clock.since_boot(), Duration{0});
    }
    const auto ready = core::sys::wait_for(wakes.fd(), POLLIN, left);
    if (!ready) {
      hooks.end(k_grace);
      return tl::unexpected<core::Error>(ready.error());
    }
    hooks.tend();
  }
  return {};
}

}  // namespace

Result<> run_hooks(core::cli::Context& context, core::sys::Files& files, Duration limit) {
  TRY_ASSIGN(auto wakes, core::sys::PollSet::create());
  core::sys::SystemChildren children;
  netstate::Hooks hooks(
      {.files = files,
       .children = children,
       .wakes = wakes,
       .clock = context.clock,
       .warn = [&context](const std::string& text) { context.warn(text); },
       .pass_on = [&context](const std::string& text) { context.err.write(text); }});
  // Whoever publishes while hooks run leaves them to this process: so it looks once more after it
  // has let go of them.
  std::optional<std::uint64_t> told;
  while (true) {
    TRY_ASSIGN(const auto reading, netstate::read_network(files, context.clock));
    if (!reading.line || reading.line->generation == told) return {};
    told = reading.line->generation;
    hooks.tell(*reading.line, limit);
    TRY(run_to_the_end(hooks, wakes, context.clock));
    if (hooks.waits_for_others()) return {};
  }
}

}  // namespace netwatch
