// SPDX-License-Identifier: MIT
#include "tools/offq/run_cancel.hpp"

#include "tools/offq/change.hpp"
#include "tools/offq/open_queue.hpp"
#include "tools/offq/pick.hpp"

namespace offq {

core::Result<core::cli::ExitCode> run_cancel(core::cli::Context& context,
                                             const CancelOptions& options) {
  TRY_ASSIGN(core::queue::Store store, open_to_change(context));
  core::queue::Query conditions;
  conditions.states = {State::pending};
  conditions.types = options.types;
  conditions.lanes = options.lanes;
  TRY_ASSIGN(const Picked picked, pick(context, store, options.ids, options.source, conditions));
  return change(context, store, picked, core::queue::event::GivenUp{.reason = Reason::cancelled},
                core::cli::Format::text);
}

}  // namespace offq
