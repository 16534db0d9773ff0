// SPDX-License-Identifier: MIT
#include "libcore/queue/journal.hpp"

#include <algorithm>
#include <cerrno>

#include <unistd.h>

#include "libcore/queue/directory.hpp"
#include "libcore/queue/layout.hpp"

namespace core::queue {
namespace {

constexpr std::string_view k_suffix = ".jsonl";

}  // namespace

std::string receipts_stamp(std::string_view day) {
  return std::string(path::k_receipts).append("/").append(day);
}

Result<> append_receipts(sys::Files& files, std::span<const codec::Receipt> receipts, Time now) {
  std::string lines;
  for (const auto& receipt : receipts)
    lines += codec::format_receipt(receipt);
  TRY(append_receipt_lines(files, lines, now));
  return {};
}

Result<Appended> append_receipt_lines(sys::Files& files, std::string_view lines, Time now) {
  Appended appended;
  if (lines.empty()) return appended;
  TRY_ASSIGN(const auto days, receipt_days(files));
  // Never an older file than the newest there is: "the last receipt holds" must stay true when the
  // clock is set back.
  const std::string today = format_day(now);
  appended.day = days.empty() ? today : std::max(today, days.back());
  const std::string path = receipts_path(appended.day);
  TRY_ASSIGN(const auto before, files.status(path));
  auto written = files.append(path, lines, sys::Sync::yes);
  if (!written && written.error().code == Errc::full) {
    release_reserve(files);
    written = files.append(path, lines, sys::Sync::yes);
  }
  TRY(written);
  if (!before) TRY(files.sync_directory(path::k_receipts));
  TRY_ASSIGN(const auto after, files.status(path));
  appended.from = before ? before->size : 0;
  appended.to = after ? after->size : 0;
  appended.is_alone = appended.to == appended.from + lines.size();
  return appended;
}

Result<> each_receipt_line(
    const sys::Files& files, const std::string& path, std::uint64_t from,
    const std::function<Result<>(std::string_view line, std::uint64_t next)>& visit) {
  constexpr std::size_t k_chunk = 1U << 20U;
  TRY_ASSIGN(const sys::Fd fd, files.open(path));
  if (!fd.is_open()) return {};
  if (::lseek(fd.get(), static_cast<off_t>(from), SEEK_SET) < 0) {
    return sys::io_error("seek", path, errno);
  }
  std::string rest;
  std::uint64_t offset = from;
  while (true) {
    TRY_ASSIGN(const std::string chunk, sys::read_up_to(fd.get(), k_chunk, path));
    if (chunk.empty()) return {};
    rest += chunk;
    std::size_t start = 0;
    for (auto end = rest.find('\n'); end != std::string::npos; end = rest.find('\n', start)) {
      offset += end + 1 - start;
      TRY(visit(std::string_view(rest).substr(start, end - start), offset));
      start = end + 1;
    }
    rest.erase(0, start);
  }
}

Result<std::vector<std::string>> receipt_days(const sys::Files& files) {
  std::vector<std::string> days;
  TRY(files.list(path::k_receipts, [&](const sys::DirectoryEntry& entry) {
    if (entry.name.ends_with(k_suffix) && !entry.name.starts_with('.')) {
      days.emplace_back(entry.name.substr(0, entry.name.size() - k_suffix.size()));
    }
  }));
  std::ranges::sort(days);
  return days;
}

Result<std::vector<std::string>> receipt_lines_of(const sys::Files& files, const OperationId& id) {
  // format_receipt writes the id first, quoted, so the text search finds all and only them; a
  // reader of its own JSON would have to parse every line.
  const std::string wanted = "\"id\":\"" + id.text() + "\"";
  // Two days earlier than the id's: the clock that made the id may have been ahead.
  const std::string first_day = format_day(id.stem.time() - std::chrono::days{2});
  std::vector<std::string> found;
  TRY_ASSIGN(const auto days, receipt_days(files));
  for (const auto& day : days) {
    if (day < first_day && day != days.back()) continue;
    TRY(each_receipt_line(files, receipts_path(day), 0,
                          [&](std::string_view line, std::uint64_t) -> Result<> {
                            if (line.substr(1).starts_with(wanted)) found.emplace_back(line);
                            return {};
                          }));
  }
  return found;
}

}  // namespace core::queue
