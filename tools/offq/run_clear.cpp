// SPDX-License-Identifier: MIT
#include "tools/offq/run_clear.hpp"

#include <optional>

#include <fmt/core.h>

#include "tools/offq/change.hpp"
#include "tools/offq/open_queue.hpp"
#include "tools/offq/pick.hpp"
#include "tools/offq/removal.hpp"

namespace offq {

core::Result<core::cli::ExitCode> run_clear(core::cli::Context& context,
                                            const ClearOptions& options) {
  auto opened = open_to_change(context);
  // No queue is as empty as can be.
  if (!opened && opened.error().code == core::Errc::not_found) return core::cli::ExitCode::ok;
  TRY_ASSIGN(core::queue::Store store, std::move(opened));
  core::queue::Query all;
  all.states = {options.state};
  TRY_ASSIGN(const Picked picked, pick(context, store, {}, IdSource::operands, all));
  if (picked.entries.empty()) return core::cli::ExitCode::ok;
  const std::string question =
      fmt::format("delete {} {} operation{} for good?", picked.entries.size(),
                  core::name_of(options.state), picked.entries.size() == 1 ? "" : "s");
  TRY_ASSIGN(const bool confirmed, is_confirmed(context, options.confirm, question));
  if (!confirmed) return core::cli::ExitCode::no;
  return remove_operations(context, store, picked);
}

}  // namespace offq
