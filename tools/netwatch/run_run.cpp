// SPDX-License-Identifier: MIT
#include "tools/netwatch/run_run.hpp"

#include <optional>
#include <string>
#include <vector>

#include <fmt/core.h>

#include "libcore/netstate/reading.hpp"
#include "libcore/sys/process.hpp"
#include "libcore/sys/signal.hpp"
#include "tools/netwatch/place.hpp"
#include "tools/netwatch/probe_budget.hpp"
#include "tools/netwatch/run_check.hpp"
#include "tools/netwatch/run_wait.hpp"
#include "tools/netwatch/vocabulary.hpp"

namespace netwatch {
namespace {

using netstate::Reading;

std::string why_not(const Reading& reading) {
  if (reading.override_) {
    return fmt::format("the mode is {}: set by {}", core::name_of(reading.override_->mode),
                       reading.override_->by);
  }
  if (!reading.state()) return "nobody knows the state of the network";
  return fmt::format("the network is {} ({})", core::name_of(*reading.state()),
                     core::name_of(reading.line->reason));
}

// Waits for as long as was said. Errors: interrupted, terminated, io.
Result<> wait_for_network(Context& context, Duration longest) {
  const auto waited = run_wait(
      context, {.awaited = Awaited::online, .timeout = longest, .stable = {}, .endpoint = {}});
  if (waited || waited.error().code == Errc::timeout) return {};
  return tl::unexpected<core::Error>(waited.error());
}

// nullopt: it may run.
Result<std::optional<std::string>> objection(Context& context, const RunOptions& options) {
  TRY_ASSIGN(const auto files, open_place(context));
  TRY_ASSIGN(const auto config, load_settings(context));
  TRY_ASSIGN(auto reading, netstate::read_network(*files, context.clock));
  if (!reading.mode()) {
    TRY(look(context, *files, config));
    TRY_ASSIGN(reading, netstate::read_network(*files, context.clock));
  }
  if (reading.mode() != netstate::Mode::online && options.wait && *options.wait > Duration{0}) {
    TRY(wait_for_network(context, *options.wait));
    TRY_ASSIGN(reading, netstate::read_network(*files, context.clock));
  }
  if (reading.mode() != netstate::Mode::online) return why_not(reading);
  if (!options.need) return std::nullopt;
  ProbeBudget budget(*files, context.clock, context.random, config.budget);
  TRY_ASSIGN(const bool is_allowed, budget.allows(*options.need));
  for (const auto& remark : budget.remarks())
    context.warn(remark);
  if (is_allowed) return std::nullopt;
  return "the budget does not allow " + core::format_size(*options.need) + " now";
}

}  // namespace

Result<ExitCode> run_run(Context& context, const RunOptions& options) {
  core::sys::catch_interruptions();
  TRY_ASSIGN(const auto why, objection(context, options));
  // What was said so far goes before what the command says.
  TRY(context.err.flush());
  if (!why) return tl::unexpected(core::sys::replace_by_command(options.command));
  if (options.otherwise.empty()) return core::fail(Errc::later, "run: " + *why);
  context.note("run: " + *why);
  TRY(context.err.flush());
  const std::vector<std::string> shell{"sh", "-c", options.otherwise};
  return tl::unexpected(core::sys::replace_by_command(shell));
}

}  // namespace netwatch
