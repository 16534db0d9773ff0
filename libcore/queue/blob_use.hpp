// SPDX-License-Identifier: MIT
#pragma once

// Which blobs are in use. A quoted SHA-256 anywhere in an operation or a receipt counts as naming
// a blob, readable or not: keeping a blob that nobody needs costs room, losing one costs a body.

#include <functional>
#include <map>
#include <string>
#include <string_view>
#include <unordered_set>

#include "libcore/base/result.hpp"
#include "libcore/sys/files.hpp"

namespace core::queue {

// Calls `visit` with every quoted run of 64 lower-case hexadecimal digits.
void each_digest(std::string_view text, const std::function<void(std::string_view)>& visit);

// Every digest that a file in pending/, synced/, failed/, tmp/ or receipts/ mentions, but for the
// paths in `except`. Reads them all, with constant memory for each: for rare use.
Result<std::unordered_set<std::string>> used_digests(
    const sys::Files& files, const std::unordered_set<std::string>& except = {});

// What is in blobs/, by digest. Other names there are left out.
Result<std::map<std::string, sys::FileStatus>> stored_blobs(const sys::Files& files);

// Whether some process is writing a file in tmp/: the blobs that it will name may be stored
// already, though nothing mentions them yet.
Result<bool> has_living_writers(const sys::Files& files);

}  // namespace core::queue
