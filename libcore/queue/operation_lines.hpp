// SPDX-License-Identifier: MIT
#pragma once

// The lines of the files that hold operations, as they stand there; nothing is parsed. Needs no
// shared library, so that enqueue can be linked without any.

#include <cstdint>
#include <functional>
#include <string>
#include <string_view>

#include "libcore/base/ids.hpp"
#include "libcore/base/result.hpp"
#include "libcore/base/units.hpp"
#include "libcore/queue/layout.hpp"
#include "libcore/sys/fd.hpp"
#include "libcore/sys/files.hpp"

namespace core::queue {

// No file of one operation and no line of a batch is larger (bodies beyond 64 KiB are blobs).
inline constexpr ByteCount k_operation_limit{64UL * 1024 * 1024};

// Calls `visit` with each line (without its newline), its number from 1 and its offset.
Result<> each_line(const sys::Files& files, const std::string& path,
                   const std::function<Result<>(std::string_view line, std::uint32_t number,
                                                std::uint64_t offset)>& visit);

// Calls `visit` with each operation that the file holds, as it is there and without its newline;
// with none when the file is gone.
Result<> each_operation(
    const sys::Files& files, State state, const FileName& name,
    const std::function<void(std::string_view line, const OperationId& id)>& visit);

}  // namespace core::queue
