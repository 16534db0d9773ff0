// SPDX-License-Identifier: MIT
#include "tests/crashlab/sweep_queue.hpp"

#include <filesystem>

#include <fmt/core.h>

#include "libcore/base/text.hpp"
#include "tests/crashlab/sweep_process.hpp"

namespace sweep {

namespace fs = std::filesystem;

std::string Listed::text() const {
  return reason.empty() ? state : fmt::format("{} ({})", state, reason);
}

std::vector<std::string> whole_lines(const std::string& output) {
  std::vector<std::string> lines;
  std::size_t start = 0;
  for (auto end = output.find('\n'); end != std::string::npos; end = output.find('\n', start)) {
    lines.push_back(output.substr(start, end - start));
    start = end + 1;
  }
  return lines;
}

std::string member(std::string_view json, std::string_view name) {
  const std::string before = fmt::format("\"{}\":\"", name);
  const auto at = json.find(before);
  if (at == std::string_view::npos) return {};
  const auto rest = json.substr(at + before.size());
  return std::string(rest.substr(0, rest.find('"')));
}

std::vector<Listed> parse_list(const std::string& output) {
  std::vector<Listed> list;
  for (const auto& line : whole_lines(output)) {
    list.push_back({.id = member(line, "id"),
                    .type = member(line, "type"),
                    .key = member(line, "key"),
                    .state = member(line, "state"),
                    .reason = member(line, "reason")});
  }
  return list;
}

std::map<std::string, int> files_of_operations(const std::string& queue) {
  std::map<std::string, int> counts;
  std::error_code ignored;
  for (const char* state : {"pending", "synced", "failed"}) {
    for (const auto& entry : fs::directory_iterator(queue + "/" + state, ignored)) {
      const std::string name = entry.path().filename();
      // <id>.json, <id>.a3.json, <stem>.2.json, <stem>.jsonl
      std::string id = name.substr(0, name.rfind('.'));
      const auto dot = id.rfind(".a");
      if (dot != std::string::npos) id.resize(dot);
      if (name.ends_with(".jsonl")) id += " (batch)";
      ++counts[id];
    }
  }
  return counts;
}

std::set<std::string> stored_files(const std::string& queue) {
  std::set<std::string> files;
  std::error_code ignored;
  for (const char* folder : {"pending", "tmp", "blobs"}) {
    for (const auto& entry : fs::directory_iterator(queue + "/" + folder, ignored)) {
      files.insert(fmt::format("{}/{} ({} bytes)", folder, entry.path().filename().string(),
                               entry.file_size(ignored)));
    }
  }
  return files;
}

std::set<std::string> receipted(const std::string& queue) {
  std::set<std::string> ids;
  std::error_code ignored;
  for (const auto& entry : fs::directory_iterator(queue + "/receipts", ignored)) {
    for (const auto& line : whole_lines(text_of_file(entry.path())))
      if (member(line, "outcome") == "synced") ids.insert(member(line, "id"));
  }
  return ids;
}

}  // namespace sweep
