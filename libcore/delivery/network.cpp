// SPDX-License-Identifier: MIT
#include "libcore/delivery/network.hpp"

#include <algorithm>

#include <fmt/core.h>

namespace core::delivery {
namespace {

using netstate::Author;
using netstate::Mode;
using netstate::Reason;
using netstate::State;

NetworkHold hold_of(const netstate::Override& set) {
  NetworkHold hold{
      .why = "mode set by " + set.by, .until = set.until, .end = "`netwatch mode auto`"};
  if (!set.reason.empty()) hold.why += ": " + set.reason;
  return hold;
}

NetworkHold hold_of(const netstate::Published& line) {
  NetworkHold hold;
  hold.why = fmt::format("the network is {} ({})", name_of(*line.state), name_of(line.reason));
  hold.end = "it is back";
  // The daemon goes on looking; what a check has found nobody may believe for long.
  if (line.by == Author::check) hold.until = line.valid_until;
  return hold;
}

}  // namespace

NetworkView view_of(const netstate::Reading& reading, std::optional<Time> looked_at) {
  NetworkView view;
  const auto& set = reading.override_;
  const auto state = reading.state();
  if (set) view.changes_at = set->until;
  if (state) {
    const Time end = reading.line->valid_until;
    view.changes_at = std::min(view.changes_at.value_or(end), end);
  }
  if (state == State::connected && reading.line->reason != Reason::not_probed) {
    view.connected_at = looked_at;
    view.connected_since = reading.line->since;
  }
  const auto mode = reading.mode();
  if (mode == Mode::online) view.online_since = set ? set->since : reading.line->since;
  if (mode == Mode::offline) view.hold = set ? hold_of(*set) : hold_of(*reading.line);
  return view;
}

}  // namespace core::delivery
