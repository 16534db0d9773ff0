// SPDX-License-Identifier: MIT
#pragma once

// The journal of the queue: receipts/DAY.jsonl, append-only. A receipt is durable before the move
// that it describes, so a crash in between is completed by recovery without sending again.

#include <cstdint>
#include <functional>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "libcore/base/ids.hpp"
#include "libcore/base/result.hpp"
#include "libcore/codec/receipt.hpp"
#include "libcore/sys/files.hpp"

namespace core::queue {

// Appends the receipts to the file of the day of `now` (or the newest one, if that is later) and
// makes them durable, the directory entry of a new file included. When the disk is full the reserve
// is given up and it is tried once more. Errors: full, io: then none of them counts.
struct Appended {
  std::string day;
  // The bytes of the file between which the receipts lie, and nothing else when is_alone.
  std::uint64_t from = 0;
  std::uint64_t to = 0;
  bool is_alone = false;  // false: other processes have appended at the same time, or nothing was
};
// `lines` are receipts as format_receipt writes them.
Result<Appended> append_receipt_lines(sys::Files& files, std::string_view lines, Time now);
Result<> append_receipts(sys::Files& files, std::span<const codec::Receipt> receipts, Time now);

// The index's stamp that says up to which byte the journal of a day is known to it.
std::string receipts_stamp(std::string_view day);

// Calls `visit` with each complete line from byte `from` on, and the offset of the line after it.
Result<> each_receipt_line(
    const sys::Files& files, const std::string& path, std::uint64_t from,
    const std::function<Result<>(std::string_view line, std::uint64_t next)>& visit);

// The days that have receipts, oldest first ("2026-11-21").
Result<std::vector<std::string>> receipt_days(const sys::Files& files);

// Every receipt line that names `id`, oldest first, as raw text. Reads the files from the day of
// the id on: linear in their size, meant for one operation at a time.
Result<std::vector<std::string>> receipt_lines_of(const sys::Files& files, const OperationId& id);

}  // namespace core::queue
