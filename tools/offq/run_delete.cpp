// SPDX-License-Identifier: MIT
#include "tools/offq/run_delete.hpp"

#include <fmt/core.h>

#include "tools/offq/change.hpp"
#include "tools/offq/open_queue.hpp"
#include "tools/offq/pick.hpp"
#include "tools/offq/removal.hpp"

namespace offq {
namespace {

std::string question_of(const std::vector<core::queue::Entry>& entries) {
  if (entries.size() == 1) {
    return fmt::format("delete {} ({})?", entries.front().id.text(),
                       core::name_of(entries.front().state()));
  }
  return fmt::format("delete {} operations?", entries.size());
}

}  // namespace

core::Result<core::cli::ExitCode> run_delete(core::cli::Context& context,
                                             const DeleteOptions& options) {
  if (options.confirm == Confirm::ask && reads_stdin(options.ids, options.source)) {
    return core::fail(core::Errc::usage,
                      "not confirmed: ids come from standard input: say --yes as well");
  }
  TRY_ASSIGN(core::queue::Store store, open_to_change(context));
  TRY_ASSIGN(const Picked picked, pick(context, store, options.ids, options.source));
  if (picked.entries.empty()) return picked.code;
  TRY_ASSIGN(const bool confirmed,
             is_confirmed(context, options.confirm, question_of(picked.entries)));
  if (!confirmed) return core::cli::ExitCode::no;
  return remove_operations(context, store, picked);
}

}  // namespace offq
