// SPDX-License-Identifier: MIT
#include "tools/offq/open_queue.hpp"

#include <chrono>
#include <utility>

#include <fmt/core.h>

#include "libcore/base/text.hpp"
#include "libcore/queue/layout.hpp"
#include "libcore/sys/process.hpp"
#include "libcore/sys/signal.hpp"
#include "libcore/sys/wait.hpp"
#include "tools/offq/names.hpp"

namespace offq {
namespace {

using core::queue::Store;

using core::queue::Create;
using core::queue::Purpose;

constexpr std::chrono::milliseconds k_patience_to_look{1000};

void tell(Context& context, const Store& store) {
  if (!store.notice().empty()) context.warn(store.notice());
  tell_recovered(context, store.recovered());
}

Result<Store> open(Context& context, core::queue::Terms terms, Create create = Create::no) {
  if (context.directory.empty()) {
    return fail(Errc::config, "open queue: HOME is not set: name a directory with --dir");
  }
  TRY_ASSIGN(Store store, Store::open(context.directory, create, context.clock, context.random,
                                      std::move(terms)));
  tell(context, store);
  return store;
}

Result<std::optional<Store>> open_if_there(Context& context, Purpose purpose) {
  auto store = open(context, {.patience = k_patience_to_look, .purpose = purpose});
  if (store) return std::optional<Store>(*std::move(store));
  if (store.error().code == Errc::not_found) {
    context.note(store.error().message);
    return std::nullopt;
  }
  return tl::unexpected<core::Error>(std::move(store).error());
}

}  // namespace

Result<std::optional<Store>> open_to_look(Context& context) {
  return open_if_there(context, Purpose::look);
}

Result<std::optional<Store>> open_to_deliver(Context& context) {
  return open_if_there(context, Purpose::change);
}

Result<Store> open_to_change(Context& context) {
  return open(context, {});
}

Result<Store> open_to_stay(Context& context) {
  return open(context, {.may_go_on = core::sys::check_interruption}, Create::yes);
}

void tell_recovered(Context& context, const core::queue::Recovered& recovered) {
  if (recovered.is_trouble()) {
    context.warn("recovered the queue: " + recovered.text());
  } else if (!recovered.nothing()) {
    context.note("recovered the queue: " + recovered.text());
  }
  if (!recovered.unreadable.empty()) context.warn(recovered.unreadable_text());
  for (const auto& ignored : recovered.ignored)
    context.note("ignored: " + ignored);
}

Result<core::sys::Fd> lock_out_syncs(Store& store) {
  TRY_ASSIGN(auto lock, store.files().lock(core::queue::path::k_lock, core::sys::Wait::no));
  if (lock.is_open()) return lock;
  const auto watcher = watcher_of(store);
  return fail(Errc::later, "another sync is running" + (watcher ? ": " + *watcher : ""));
}

Result<core::sys::Fd> lock_out_watchers(Store& store) {
  constexpr const char* k_path = core::queue::path::k_watch;
  // Whoever asks whether there is a watcher has the lock for a moment.
  constexpr int k_tries = 20;
  for (int i = 0; i < k_tries; ++i) {
    TRY_ASSIGN(auto lock, store.files().lock(k_path, core::sys::Wait::no));
    if (lock.is_open()) {
      // As wide as any process id: what stood there before is written over.
      TRY(core::sys::write_all(lock.get(), fmt::format("{:<20}\n", core::sys::process_id()),
                               k_path));
      return lock;
    }
    core::sys::pause(std::chrono::milliseconds{10});
    TRY(core::sys::check_interruption());
  }
  return fail(Errc::later,
              "this queue is watched already: " + watcher_of(store).value_or("by another process"));
}

std::optional<std::string> watcher_of(Store& store) {
  constexpr const char* k_path = core::queue::path::k_watch;
  constexpr core::ByteCount k_limit{64};
  const auto status = store.files().status(k_path);
  if (!status || !*status) return std::nullopt;  // nobody has ever watched
  const auto lock = store.files().lock(k_path, core::sys::Wait::no);
  if (!lock || lock->is_open()) return std::nullopt;
  const auto text = core::sys::read_file(store.files(), k_path, k_limit);
  const std::string process(core::trim(text && *text ? **text : ""));
  return "the watcher" + (process.empty() ? "" : ", process " + process);
}

}  // namespace offq
