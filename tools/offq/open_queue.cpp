// SPDX-License-Identifier: MIT
#include "tools/offq/open_queue.hpp"

#include <chrono>
#include <utility>

#include "libcore/queue/layout.hpp"
#include "tools/offq/names.hpp"

namespace offq {
namespace {

using core::queue::Store;

constexpr std::chrono::milliseconds k_patience_to_look{1000};

void tell(Context& context, const Store& store) {
  if (!store.notice().empty()) context.warn(store.notice());
  const auto& recovered = store.recovered();
  if (recovered.is_trouble()) {
    context.warn("recovered the queue: " + recovered.text());
  } else if (!recovered.nothing()) {
    context.note("recovered the queue: " + recovered.text());
  }
  if (!recovered.unreadable.empty()) context.warn(recovered.unreadable_text());
  for (const auto& ignored : recovered.ignored)
    context.note("ignored: " + ignored);
}

Result<Store> open(Context& context, std::chrono::milliseconds patience) {
  if (context.directory.empty()) {
    return fail(Errc::config, "open queue: HOME is not set: name a directory with --dir");
  }
  TRY_ASSIGN(Store store, Store::open(context.directory, core::queue::Create::no, context.clock,
                                      context.random, patience));
  tell(context, store);
  return store;
}

}  // namespace

Result<std::optional<Store>> open_to_look(Context& context) {
  auto store = open(context, k_patience_to_look);
  if (store) return std::optional<Store>(*std::move(store));
  if (store.error().code == Errc::not_found) {
    context.note(store.error().message);
    return std::nullopt;
  }
  return tl::unexpected<core::Error>(std::move(store).error());
}

Result<Store> open_to_change(Context& context) {
  return open(context, Store::k_patience);
}

Result<core::sys::Fd> lock_out_syncs(Store& store) {
  TRY_ASSIGN(auto lock, store.files().lock(core::queue::path::k_lock, core::sys::Wait::no));
  if (!lock.is_open()) return fail(Errc::later, "another sync is running");
  return lock;
}

}  // namespace offq
