// SPDX-License-Identifier: MIT
#include "tools/netwatch/run_is.hpp"

#include <optional>

#include "libcore/netstate/reading.hpp"
#include "libcore/queue/layout.hpp"
#include "libcore/sys/files.hpp"

namespace netwatch {
namespace {

namespace netstate = core::netstate;
using core::Errc;
using core::Result;
using core::cli::ExitCode;

// nullopt: nobody knows.
std::optional<bool> answer(const netstate::Reading& reading, Condition condition) {
  const auto is_mode = [&](netstate::Mode mode) -> std::optional<bool> {
    const auto known = reading.mode();
    return known ? std::optional(*known == mode) : std::nullopt;
  };
  const auto is_state = [&](netstate::State state) -> std::optional<bool> {
    const auto known = reading.state();
    return known ? std::optional(*known == state) : std::nullopt;
  };
  switch (condition) {
    case Condition::online:
      return is_mode(netstate::Mode::online);
    case Condition::offline:
      return is_mode(netstate::Mode::offline);
    case Condition::connected:
      return is_state(netstate::State::connected);
    case Condition::limited:
      return is_state(netstate::State::limited);
    case Condition::disconnected:
      return is_state(netstate::State::disconnected);
    case Condition::portal:
      if (!reading.state()) return std::nullopt;
      return reading.line->reason == netstate::Reason::portal;
    case Condition::metered:
      break;
  }
  if (!reading.state() || reading.line->metered == netstate::Metered::unknown) return std::nullopt;
  return reading.line->metered == netstate::Metered::yes ||
         reading.line->metered == netstate::Metered::guess_yes;
}

}  // namespace

Result<ExitCode> run_is(core::cli::Context& context, const IsOptions& options) {
  const auto files = core::sys::RealFiles::at(context.directory);
  if (!files) {
    if (files.error().code == Errc::not_found) return ExitCode::later;
    return tl::unexpected(files.error());
  }
  // Whoever may write there may say what he likes.
  TRY(files->check_private());
  TRY_ASSIGN(auto reading, netstate::read_network(*files, context.clock));
  if (options.max_age) {
    TRY_ASSIGN(const auto status, files->status(core::queue::path::k_network));
    const bool is_old = !status || context.clock.now() - status->modified > *options.max_age;
    if (is_old && reading.freshness == netstate::Freshness::fresh) {
      reading.freshness = netstate::Freshness::expired;
    }
  }
  const auto yes = answer(reading, options.condition);
  if (!yes) return ExitCode::later;
  return *yes ? ExitCode::ok : ExitCode::no;
}

}  // namespace netwatch
