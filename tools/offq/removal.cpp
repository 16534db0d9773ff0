// SPDX-License-Identifier: MIT
#include "tools/offq/removal.hpp"

#include <algorithm>
#include <map>
#include <string>

#include "libcore/queue/blob_use.hpp"
#include "libcore/queue/operation.hpp"
#include "tools/offq/change.hpp"
#include "tools/offq/names.hpp"

namespace offq {
namespace {

using core::queue::Store;

// Blobs that these operations name, and when the last of those operations came to be.
using Bodies = std::map<std::string, core::Time>;

Result<Bodies> bodies_of(Store& store, const std::vector<core::queue::Entry>& entries) {
  Bodies bodies;
  TRY_ASSIGN(const auto stored, core::queue::stored_blobs(store.files()));
  if (stored.empty()) return bodies;
  for (const auto& entry : entries) {
    const auto text = core::queue::read_operation(store.files(), entry);
    if (!text) continue;  // gone meanwhile, or unreadable: prune finds what it leaves
    core::queue::each_digest(*text, [&](std::string_view digest) {
      auto& time = bodies[std::string(digest)];
      time = std::max(time, entry.created_at);
    });
  }
  std::erase_if(bodies, [&](const auto& body) { return !stored.contains(body.first); });
  return bodies;
}

// A blob that was stored after the operation was made was stored (again) for another one, which
// may not have been written yet: prune looks at it when it is older.
Result<> remove_bodies(Store& store, const Bodies& bodies) {
  if (bodies.empty()) return {};
  TRY_ASSIGN(const bool busy, core::queue::has_living_writers(store.files()));
  if (busy) return {};
  TRY_ASSIGN(const auto used, core::queue::used_digests(store.files()));
  for (const auto& [digest, created_at] : bodies) {
    if (used.contains(digest)) continue;
    const std::string path = core::queue::blob_path(digest);
    TRY_ASSIGN(const auto status, store.files().status(path));
    if (!status || status->modified > created_at) continue;
    TRY(store.files().remove(path));
  }
  return store.files().sync_directory(core::queue::path::k_blobs);
}

}  // namespace

Result<ExitCode> remove_operations(Context& context, Store& store, const Picked& picked) {
  TRY_ASSIGN(const Bodies bodies, bodies_of(store, picked.entries));
  TRY_ASSIGN(const auto code,
             change(context, store, picked, core::queue::event::DeleteRequested{}, Format::text));
  TRY(remove_bodies(store, bodies));
  return code;
}

}  // namespace offq
