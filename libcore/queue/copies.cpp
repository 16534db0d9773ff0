// SPDX-License-Identifier: MIT
#include "libcore/queue/copies.hpp"

#include <algorithm>
#include <functional>

#include "libcore/queue/layout.hpp"
#include "libcore/queue/operation.hpp"

namespace core::queue {

Result<std::map<OperationId, std::vector<std::string>>> copies(const sys::Files& files) {
  std::map<OperationId, std::vector<std::string>> paths;
  // In the order in which claims win: what is delivered must not be sent again.
  for (const State state : {State::synced, State::pending, State::failed}) {
    std::vector<std::string> names;
    TRY(files.list(folder(state),
                   [&](const sys::DirectoryEntry& entry) { names.emplace_back(entry.name); }));
    std::ranges::sort(names, std::greater{});  // of one folder the name with more attempts
    for (const auto& name : names) {
      const auto file = FileName::parse(name);
      if (!file || file->kind != FileName::Kind::single) continue;
      TRY_ASSIGN(const auto status, files.status(path_in(state, name)));
      if (!status || status->kind != sys::FileKind::regular) continue;
      paths[file->id()].push_back(path_in(state, name));
    }
  }
  std::erase_if(paths, [](const auto& entry) { return entry.second.size() < 2; });
  return paths;
}

Result<bool> have_same_bytes(const sys::Files& files, const std::string& a, const std::string& b) {
  TRY_ASSIGN(const auto first, sys::read_file(files, a, k_operation_limit));
  TRY_ASSIGN(const auto second, sys::read_file(files, b, k_operation_limit));
  return first && second && *first == *second;
}

}  // namespace core::queue
