// SPDX-License-Identifier: MIT
#include "tools/offq/run_status.hpp"

#include <optional>
#include <string>

#include <fmt/core.h>

#include "libcore/cli/record.hpp"
#include "tools/offq/names.hpp"
#include "tools/offq/next_due.hpp"
#include "tools/offq/open_queue.hpp"

namespace offq {
namespace {

struct Status {
  std::uint64_t pending = 0;
  std::uint64_t failed = 0;
  std::optional<core::Time> next_due_at;
};

Result<Status> status_of(Context& context) {
  Status status;
  TRY_ASSIGN(auto store, open_to_look(context));
  if (!store) return status;
  core::queue::Index& index = store->index();
  TRY_ASSIGN(const auto pending, index.pending_amount());
  status.pending = pending.ops;
  TRY_ASSIGN(status.failed, index.count({.states = {core::queue::State::failed}}));
  if (status.pending > 0) {
    TRY_ASSIGN(status.next_due_at, next_due(context, index));
  }
  return status;
}

std::string text_of(const Status& status, core::Time now) {
  if (status.pending == 0 && status.failed == 0) return "offq: nothing pending";
  std::string text = fmt::format("offq: {} pending", status.pending);
  if (status.failed > 0) text += fmt::format(", {} failed", status.failed);
  if (status.next_due_at) {
    text += ", next " + core::cli::relative_time(*status.next_due_at, now);
  }
  return text;
}

}  // namespace

Result<ExitCode> run_status(Context& context, const StatusOptions& options) {
  TRY_ASSIGN(const Status status, status_of(context));
  if (options.format == Format::json) {
    core::cli::Record record;
    record.add("pending", status.pending).add("failed", status.failed);
    if (status.next_due_at) record.add("next_due_at", *status.next_due_at);
    context.out.write(record.json() + "\n");
  } else {
    context.out.write(text_of(status, context.clock.now()) + "\n");
  }
  return status.pending == 0 && status.failed == 0 ? ExitCode::ok : ExitCode::no;
}

}  // namespace offq
