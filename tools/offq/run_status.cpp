// SPDX-License-Identifier: MIT
#include "tools/offq/run_status.hpp"

#include <optional>
#include <string>

#include <fmt/core.h>

#include "libcore/base/text.hpp"
#include "libcore/cli/record.hpp"
#include "libcore/netstate/reading.hpp"
#include "libcore/sys/files.hpp"
#include "tools/offq/names.hpp"
#include "tools/offq/next_due.hpp"
#include "tools/offq/open_queue.hpp"

namespace offq {

namespace netstate = core::netstate;

namespace {

struct Status {
  std::uint64_t pending = 0;
  std::uint64_t failed = 0;
  std::optional<core::Time> next_due_at;
  netstate::Reading network;
};

// Also where there is no queue yet: netwatch may have been there first.
netstate::Reading network_at(Context& context) {
  const auto files = core::sys::RealFiles::at(context.directory);
  if (!files) return {};
  auto reading = netstate::read_network(*files, context.clock);
  if (reading) return *std::move(reading);
  context.warn(reading.error().message);
  return {};
}

Result<Status> status_of(Context& context) {
  Status status;
  status.network = network_at(context);
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

// "network disconnected (no-route) since 5m ago, offline"; empty: nobody knows.
std::string network_text(const netstate::Reading& network, core::Time now) {
  const auto mode = network.mode();
  if (!mode) return {};
  const auto state = network.state();
  std::string text = fmt::format("network {}", state ? core::name_of(*state) : "unknown");
  if (state) {
    text += fmt::format(" ({}) since {}", core::name_of(network.line->reason),
                        core::cli::relative_time(network.line->since, now));
  }
  text += fmt::format(", {}", core::name_of(*mode));
  if (network.override_) {
    text += fmt::format(" by {}", core::printable(network.override_->by, 60));
  }
  return text;
}

core::cli::Record network_record(const netstate::Reading& network) {
  core::cli::Record record;
  const auto state = network.state();
  const auto mode = network.mode();
  record.add("state", state ? core::name_of(*state) : "unknown");
  record.add("mode", mode ? core::name_of(*mode) : "unknown");
  if (state) {
    record.add("reason", core::name_of(network.line->reason));
    record.add("since", core::cli::Value{network.line->since});
  }
  const auto& set = network.override_;
  if (!set) return record;
  record.add("mode_since", core::cli::Value{set->since}).add("mode_by", set->by);
  if (set->until) record.add("mode_until", core::cli::Value{*set->until});
  if (!set->reason.empty()) record.add("mode_reason", set->reason);
  return record;
}

std::string queue_text(const Status& status, core::Time now) {
  if (status.pending == 0 && status.failed == 0) return "offq: nothing pending";
  std::string text = fmt::format("offq: {} pending", status.pending);
  if (status.failed > 0) text += fmt::format(", {} failed", status.failed);
  if (status.next_due_at) {
    text += ", next " + core::cli::relative_time(*status.next_due_at, now);
  }
  return text;
}

std::string text_of(const Status& status, core::Time now) {
  const auto network = network_text(status.network, now);
  return queue_text(status, now) + (network.empty() ? "" : "; " + network);
}

}  // namespace

Result<ExitCode> run_status(Context& context, const StatusOptions& options) {
  TRY_ASSIGN(const Status status, status_of(context));
  if (options.format == Format::json) {
    core::cli::Record record;
    record.add("pending", status.pending).add("failed", status.failed);
    if (status.next_due_at) record.add("next_due_at", *status.next_due_at);
    record.add("network",
               core::cli::Value{core::cli::RawJson{network_record(status.network).json()}});
    context.out.write(record.json() + "\n");
  } else {
    context.out.write(text_of(status, context.clock.now()) + "\n");
  }
  return status.pending == 0 && status.failed == 0 ? ExitCode::ok : ExitCode::no;
}

}  // namespace offq
