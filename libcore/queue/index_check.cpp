// SPDX-License-Identifier: MIT
#include "libcore/queue/index_check.hpp"

#include <cstddef>
#include <set>
#include <string>
#include <string_view>

namespace core::queue {

Result<> IndexCheck::has_single(State state, const FileName& file) {
  TRY_ASSIGN(const auto entry, index_.find(file.id()));
  if (!entry) rowless_.emplace(path_of(state, file), file.id());
  return {};
}

void IndexCheck::has_line(State state, const OperationId& id, std::uint64_t offset,
                          std::uint64_t length, Line line) {
  auto& [known_state, offsets, is_missing] = batches_[id.stem];
  known_state = state;
  // The same batch again, in another folder: it has the same lines.
  if (offsets.empty() || id.line == 1) offsets = {0};
  if (id.line == 1) is_missing.clear();
  offsets.back() = offset;
  offsets.push_back(offset + length);
  is_missing.push_back(line == Line::good);
}

// Of what was read of it not even the end of a line is certain.
void IndexCheck::cannot_read(State state, const FileName& file) {
  unreadable_.insert(path_of(state, file));
  if (file.kind == FileName::Kind::batch) batches_.erase(file.stem);
}

Result<std::uint64_t> IndexCheck::differences(const std::function<Result<>()>& look_again) {
  TRY_ASSIGN(auto left, differing());
  for (bool gets_less = true; gets_less && !left.empty();) {
    TRY(look_again());
    TRY_ASSIGN(const auto now, differing());
    gets_less = std::erase_if(left, [&now](const auto& name) { return !now.contains(name); }) > 0;
  }
  return left.size();
}

Result<IndexCheck::Names> IndexCheck::differing() {
  others_.clear();
  Names found;
  TRY(compare_singles(found));
  TRY(compare_names(found));
  TRY(compare_rows(found));
  TRY(compare_lines(found));
  return found;
}

Result<> IndexCheck::compare_singles(Names& differing) {
  for (const auto& [path, id] : rowless_) {
    TRY_ASSIGN(const auto entry, index_.find(id));
    if (entry) continue;
    TRY_ASSIGN(const auto status, files_.status(path));
    if (status) differing.insert(path);  // it has not been moved meanwhile
  }
  return {};
}

Result<> IndexCheck::compare_names(Names& differing) {
  for (const State state : k_states) {
    std::set<std::string, std::less<>> known;
    TRY(index_.each_file(state,
                         [&](std::string_view name, std::uint64_t) { known.emplace(name); }));
    std::set<std::string> unknown;
    TRY(files_.list(folder(state), [&](const sys::DirectoryEntry& entry) {
      const auto found = known.find(entry.name);
      if (found != known.end()) {
        known.erase(found);
      } else if (FileName::parse(entry.name)) {
        unknown.emplace(path_in(state, entry.name));
      }
    }));
    for (const auto& path : unknown) {
      TRY_ASSIGN(const auto status, files_.status(path));
      if (status && status->kind == sys::FileKind::regular && !unreadable_.contains(path)) {
        differing.insert(path);
      }
    }
    for (const auto& name : known) {
      TRY_ASSIGN(const auto status, files_.status(path_in(state, name)));
      if (!status) differing.insert(path_in(state, name));
    }
  }
  return {};
}

Result<> IndexCheck::compare_rows(Names& differing) {
  return index_.select({}, [&](const Entry& entry) -> Result<> {
    if (entry.id.line > 0) {
      const auto batch = batches_.find(entry.id.stem);
      const std::size_t at = entry.id.line - 1;
      if (batch != batches_.end() && at < batch->second.is_missing.size()) {
        batch->second.is_missing[at] = false;
      }
    }
    TRY_ASSIGN(const bool is_right, has_place(entry));
    if (is_right) return {};
    differing.insert(entry.is_batch_line() ? entry.id.text()
                                           : path_of(entry.state(), entry.place.file));
    return {};
  });
}

Result<bool> IndexCheck::has_place(const Entry& entry) {
  if (entry.is_batch_line()) return has_line_at(entry);
  TRY_ASSIGN(const auto status, files_.status(path_of(entry.state(), entry.place.file)));
  return status.has_value();
}

Result<bool> IndexCheck::has_line_at(const Entry& entry) {
  const auto batch = batches_.find(entry.id.stem);
  if (batch == batches_.end()) return is_there(entry.place.file);
  const auto& offsets = batch->second.offsets;
  const std::size_t at = entry.id.line - 1;
  return at + 1 < offsets.size() && entry.place.offset == offsets[at] &&
         entry.place.offset + entry.place.length == offsets[at + 1];
}

// Of one that has not been read: it has come meanwhile, it cannot be read, or there is none.
Result<bool> IndexCheck::is_there(const FileName& batch) {
  const auto known = others_.find(batch.stem);
  if (known != others_.end()) return known->second;
  bool is_there = false;
  for (const State state : k_states) {
    TRY_ASSIGN(const auto status, files_.status(path_of(state, batch)));
    is_there |= status.has_value();
  }
  others_.emplace(batch.stem, is_there);
  return is_there;
}

// A line that is settled need not be known any more.
Result<> IndexCheck::compare_lines(Names& differing) {
  for (const auto& [stem, batch] : batches_) {
    for (std::size_t at = 0; at < batch.is_missing.size(); ++at) {
      if (!batch.is_missing[at]) continue;
      const OperationId id{.stem = stem, .line = static_cast<std::uint32_t>(at + 1)};
      TRY_ASSIGN(const auto last, index_.last_receipt(id));
      const bool is_open = !last || last->outcome == codec::Outcome::attempted ||
                           last->outcome == codec::Outcome::retried;
      // In synced/ it had a file of its own, which a person has removed.
      const bool is_removed = last && batch.state == State::synced;
      if (is_open && !is_removed) differing.insert(id.text());
    }
  }
  return {};
}

}  // namespace core::queue
