// SPDX-License-Identifier: MIT
#pragma once

// Copies: files of their own that hold the same operation, by their names. Only the first of them
// counts. A part of fsck.hpp.

#include <map>
#include <string>
#include <vector>

#include "libcore/base/ids.hpp"
#include "libcore/base/result.hpp"
#include "libcore/sys/files.hpp"

namespace core::queue {

// The paths of each operation that has several, the one that counts first. Errors: io, denied.
Result<std::map<OperationId, std::vector<std::string>>> copies(const sys::Files& files);

// False also when one of them is gone. Errors: io, denied, corrupt (larger than an operation).
Result<bool> have_same_bytes(const sys::Files& files, const std::string& a, const std::string& b);

}  // namespace core::queue
