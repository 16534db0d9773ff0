// SPDX-License-Identifier: MIT
#pragma once

// Second names: after a power cut in the middle of a rename, some filesystems (btrfs) have the file
// under its old and its new name. The old one must go: it would be found again as an operation of
// its own when the other is pruned, and be sent once more.

#include <cstdint>

#include "libcore/base/result.hpp"
#include "libcore/queue/index.hpp"
#include "libcore/sys/files.hpp"

namespace core::queue {

// Removes the old name of each file that has two in pending/, synced/ and failed/. Which one is old
// is said by the last receipt: the folder that it asks for is the new one; without one, and after
// one that keeps the operation pending, it is pending/, and for a batch synced/. Of two names in
// that folder the one with fewer attempts is old. A file that has no name there is left alone.
// Expects the index to know all receipts. Returns how many were removed. Errors: io, denied.
Result<std::uint64_t> drop_second_names(sys::Files& files, Index& index);

}  // namespace core::queue
