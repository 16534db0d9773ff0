// SPDX-License-Identifier: MIT
#include "tools/offq/run_wait.hpp"

#include <algorithm>
#include <array>
#include <chrono>
#include <optional>
#include <utility>

#include <fmt/core.h>

#include "libcore/base/text.hpp"
#include "libcore/queue/layout.hpp"
#include "libcore/sys/inotify.hpp"
#include "libcore/sys/signal.hpp"
#include "libcore/sys/wait.hpp"
#include "tools/offq/names.hpp"
#include "tools/offq/open_queue.hpp"
#include "tools/offq/pick.hpp"

namespace offq {
namespace {

using core::Duration;
using core::queue::Store;
using core::sys::Watch;

// Some filesystems (network, overlay) tell nobody of their changes: look again at times. When
// nothing has changed that is a few stat calls.
constexpr Duration k_look_again{std::chrono::seconds{5}};
// A sync changes much at once: one look for all of it.
constexpr Duration k_gather{std::chrono::milliseconds{30}};

Result<Watch> watch(Store& store) {
  std::vector<std::string> directories{store.files().root() + "/" + core::queue::path::k_receipts};
  for (const State state : core::queue::k_states)
    directories.push_back(store.files().root() + "/" + core::queue::folder(state));
  return Watch::on(directories);
}

// nullopt: something is still pending.
Result<std::optional<ExitCode>> look(Context& context, Store& store,
                                     const std::vector<core::OperationId>& ids) {
  if (ids.empty()) {
    TRY_ASSIGN(const auto pending, store.index().pending_amount());
    return pending.ops == 0 ? std::optional(ExitCode::ok) : std::nullopt;
  }
  bool all_settled = true;
  for (const auto& id : ids) {
    TRY_ASSIGN(const auto entry, store.index().find(id));
    if (entry && entry->state() == State::pending) all_settled = false;
    if (entry && entry->state() != State::failed) continue;
    const std::string what = entry ? fmt::format("failed: {}", core::name_of(entry->reason))
                                   : std::string("it was deleted");
    context.complain({.code = Errc::io, .message = id.text() + ": " + what});
    return ExitCode::no;
  }
  return all_settled ? std::optional(ExitCode::ok) : std::nullopt;
}

// Time is measured on the boot clock: nobody sets it.
class Deadline {
 public:
  Deadline(const core::sys::Clock& clock, std::optional<Duration> timeout) : clock_(clock) {
    if (timeout) at_ = clock.since_boot() + *timeout;
  }
  [[nodiscard]] Duration left() const {
    return at_ ? std::max(*at_ - clock_.since_boot(), Duration{0}) : k_look_again;
  }
  [[nodiscard]] bool is_over() const { return at_ && *at_ <= clock_.since_boot(); }

 private:
  const core::sys::Clock& clock_;
  std::optional<Duration> at_;
};

Result<ExitCode> wait_for(Context& context, Store& store, std::vector<core::OperationId> ids,
                          const Deadline& deadline) {
  TRY_ASSIGN(Watch changes, watch(store));
  for (bool is_first = true;; is_first = false) {
    TRY(store.refresh());
    TRY_ASSIGN(const auto code, look(context, store, ids));
    if (code) return *code;
    if (is_first) context.note("still pending: waiting for a change of the queue");
    if (deadline.is_over()) return fail(Errc::timeout, "wait: still pending");
    TRY_ASSIGN(const bool changed, changes.wait(std::min(deadline.left(), k_look_again)));
    if (changed) {
      core::sys::pause(std::min(deadline.left(), k_gather));
      TRY(core::sys::check_interruption());
    }
  }
}

}  // namespace

Result<ExitCode> run_wait(Context& context, const WaitOptions& options) {
  const Deadline deadline(context.clock, options.timeout);
  core::sys::catch_interruptions();
  auto opened = open_to_change(context);
  if (!opened && opened.error().code == Errc::not_found && options.ids.empty()) {
    return ExitCode::ok;  // no queue: nothing is pending
  }
  TRY_ASSIGN(Store store, std::move(opened));
  std::vector<core::OperationId> ids;
  if (!options.ids.empty()) {
    TRY_ASSIGN(const Picked picked, pick(context, store, options.ids, IdSource::operands));
    if (picked.code != ExitCode::ok) return picked.code;
    for (const auto& entry : picked.entries)
      ids.push_back(entry.id);
    if (ids.empty()) return ExitCode::ok;
  }
  return wait_for(context, store, std::move(ids), deadline);
}

}  // namespace offq
