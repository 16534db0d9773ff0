// SPDX-License-Identifier: MIT
#pragma once

// Keys: at most one pending operation per (type, key). keys/<digest> points at the newest
// operation enqueued with that key; it is durable before the operation is, and only a hint: what it
// points at may be settled or never have come to be. Who enqueues holds keys/lock meanwhile. Once
// recovery has run, the pointer of a pending operation names it, or one that is in no folder.

#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "libcore/base/ids.hpp"
#include "libcore/base/result.hpp"
#include "libcore/queue/layout.hpp"
#include "libcore/sys/files.hpp"

namespace core::queue {

// The operation of this key that is still pending, if there is one: its file's name in pending/
// (a batch's, when it is a line that has no file of its own).
struct KeyHolder {
  OperationId id;
  FileName file;
};
// When the pointer is damaged, or what it names is in no folder (a crash came before its file, or
// somebody deleted it), nothing is known. `search` then reads all of pending/, and mends the
// pointer; `ignore` takes the operation for gone: recovery settles which of two stays.
enum class WhenLost { search, ignore };
Result<std::optional<KeyHolder>> find_key_holder(sys::Files& files, std::string_view type,
                                                 std::string_view key,
                                                 WhenLost when_lost = WhenLost::search);

// What the pointer says, be that operation settled, gone or not there yet. nullopt: there is none,
// or it is damaged.
Result<std::optional<OperationId>> newest_of_key(const sys::Files& files, std::string_view type,
                                                 std::string_view key);

// Durable when it returns.
Result<> point_key_at(sys::Files& files, std::string_view type, std::string_view key,
                      const OperationId& id);

// For who makes an operation pending, or finds one, and does not enqueue: points its key at it,
// unless the pointer names another one that is pending. Needs no lock.
Result<> claim_key(sys::Files& files, std::string_view type, std::string_view key,
                   const OperationId& id);

// The pointers to operations that are not `there`. A damaged one is not among them: nothing tells
// whose it was, and the next enqueue with its key writes it anew.
struct Pointer {
  std::string path;
  std::string type;
  std::string key;
};
Result<std::vector<Pointer>> pointers_to_nothing(
    const sys::Files& files, const std::function<bool(const OperationId&)>& is_there);

}  // namespace core::queue
