// SPDX-License-Identifier: MIT
#pragma once

// Keys: at most one pending operation per (type, key). keys/<digest> points at the newest
// operation enqueued with that key; it is durable before the operation is, and only a hint: what it
// points at may be settled or never have come to be. Whoever uses it holds keys/lock.

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
Result<std::optional<KeyHolder>> find_key_holder(const sys::Files& files, std::string_view type,
                                                 std::string_view key);

// Durable when it returns.
Result<> point_key_at(sys::Files& files, std::string_view type, std::string_view key,
                      const OperationId& id);

// The pointers (their paths) to operations that are not `there`; damaged ones too.
Result<std::vector<std::string>> pointers_to_nothing(
    const sys::Files& files, const std::function<bool(const OperationId&)>& is_there);

}  // namespace core::queue
