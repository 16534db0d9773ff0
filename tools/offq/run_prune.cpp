// SPDX-License-Identifier: MIT
#include "tools/offq/run_prune.hpp"

#include <string>
#include <utility>

#include <fmt/core.h>

#include "libcore/queue/prune.hpp"
#include "tools/offq/open_queue.hpp"
#include "tools/offq/settings.hpp"

namespace offq {

using core::Result;
using core::queue::Pruned;
using core::queue::Removal;

namespace {

// A sync relies on what it has read of the queue.
Result<Pruned> remove_old(core::cli::Context& context, core::queue::Store& store,
                          core::Time before) {
  TRY_ASSIGN(const auto lock, lock_out_syncs(store));
  TRY(store.refresh());
  return core::queue::prune(store.files(), store.index(), context.clock, before, Removal::done);
}

std::string counted(std::uint64_t count, const char* one, const char* many) {
  return fmt::format("{} {}", count, count == 1 ? one : many);
}

std::string text_of(const Pruned& pruned) {
  return counted(pruned.operations, "operation", "operations") + ", " +
         counted(pruned.receipt_days, "day of receipts", "days of receipts") + ", " +
         counted(pruned.blobs, "body", "bodies") + ": " + core::format_size({pruned.bytes});
}

}  // namespace

Result<core::cli::ExitCode> run_prune(core::cli::Context& context, const PruneOptions& options) {
  core::Duration keep{0};
  if (options.older_than) {
    keep = *options.older_than;
  } else {
    TRY_ASSIGN(const auto settings, load_settings(context));
    keep = settings.queue.keep_synced;
  }
  const bool is_dry = options.dry_run == DryRun::yes;
  Pruned pruned;
  auto opened = open_to_change(context);
  if (opened) {
    const core::Time before = context.clock.now() - keep;
    TRY_ASSIGN(pruned, is_dry ? core::queue::prune(opened->files(), opened->index(), context.clock,
                                                   before, Removal::planned)
                              : remove_old(context, *opened, before));
  } else if (opened.error().code != core::Errc::not_found) {
    return tl::unexpected<core::Error>(std::move(opened).error());
  }
  context.out.print("{} {}\n", is_dry ? "would remove" : "removed", text_of(pruned));
  return core::cli::ExitCode::ok;
}

}  // namespace offq
