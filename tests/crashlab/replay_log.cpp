// SPDX-License-Identifier: MIT
#include "tests/crashlab/replay_log.hpp"

#include <array>
#include <map>
#include <utility>

namespace replay {

using core::Errc;
using core::fail;
using core::Result;

namespace {

// kind, offset, length, size of the label, size of the bytes
using Header = std::array<std::uint64_t, 5>;

}  // namespace

Result<LogWriter> LogWriter::create(const std::string& path) {
  std::ofstream file(path, std::ios::binary | std::ios::trunc);
  if (!file) return fail(Errc::io, "log: " + path + ": cannot be written");
  return LogWriter(std::move(file));
}

Result<> LogWriter::append(const Record& record) {
  const Header header{static_cast<std::uint64_t>(record.kind), record.offset, record.length,
                      record.label.size(), record.bytes.size()};
  file_.write(reinterpret_cast<const char*>(header.data()), sizeof header);
  file_ << record.label << record.bytes;
  file_.flush();
  if (!file_) return fail(Errc::io, "log: cannot be written");
  return {};
}

Result<std::vector<Record>> load_log(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  if (!file) return fail(Errc::io, "log: " + path + ": cannot be read");
  std::vector<Record> records;
  Header header{};
  while (file.read(reinterpret_cast<char*>(header.data()), sizeof header)) {
    const auto [kind, offset, length, label_size, size] = header;
    Record record{.kind = static_cast<Record::Kind>(kind), .offset = offset, .length = length};
    record.label.resize(label_size);
    record.bytes.resize(size);
    file.read(record.label.data(), static_cast<std::streamsize>(label_size));
    file.read(record.bytes.data(), static_cast<std::streamsize>(size));
    if (!file) break;
    if (record.kind == Record::Kind::mark && record.label == k_end) return records;
    records.push_back(std::move(record));
  }
  return fail(Errc::corrupt, "log: " + path + ": it has no end");
}

std::vector<Said> said_in(std::span<const Record> records) {
  std::vector<Said> lines;
  std::map<std::string, std::string> unfinished;
  for (const auto& record : records) {
    if (record.kind != Record::Kind::mark) continue;
    std::string& text = unfinished[record.label];
    text += record.bytes;
    while (true) {
      const auto end = text.find('\n');
      if (end == std::string::npos) break;
      lines.push_back({.label = record.label, .line = text.substr(0, end)});
      text.erase(0, end + 1);
    }
  }
  return lines;
}

}  // namespace replay
