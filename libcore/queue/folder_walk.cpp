// SPDX-License-Identifier: MIT
#include "libcore/queue/folder_walk.hpp"

#include <numeric>
#include <string_view>

#include "libcore/queue/change_stamps.hpp"
#include "libcore/queue/layout.hpp"

namespace core::queue {

// What vanished from every folder is forgotten before anything new is read: a file that a person
// moved from one folder to another must not lose against its own old place.
Result<> FolderWalk::run() {
  std::vector<Listing> changed;
  do {
    changed.clear();
    must_compare_again_ = false;
    for (const State state : k_states) {
      TRY_ASSIGN(const bool same, is_folder_known(state, files_, clock_, index_));
      if (same) continue;
      changed.push_back({.state = state, .names = {}, .fresh = {}});
      TRY(compare(changed.back()));
    }
  } while (must_compare_again_);
  for (const auto& [state, names, fresh] : changed) {
    ReadAhead files(files_, clock_, state, names, fresh);
    for (const auto i : fresh)
      TRY(take(state, std::string(names.name(i)), names.inode(i), files.next()));
  }
  return read_batches_again();
}

// Lists the folder beside what the index knows of it, both in order of name.
Result<> FolderWalk::compare(Listing& listing) {
  auto& [state, names, fresh] = listing;
  TRY(files_.list(folder(state), [&names](const sys::DirectoryEntry& entry) {
    names.add(entry.name, entry.inode);
  }));
  names.sort();
  std::vector<std::string> vanished;
  std::size_t at = 0;
  TRY(index_.each_file(state, [&](std::string_view name, std::uint64_t inode) {
    while (at < names.size() && names.name(at) < name)
      fresh.push_back(at++);
    const bool listed = at < names.size() && names.name(at) == name;
    if (listed && names.inode(at) == inode) {
      ++at;
      return;
    }
    vanished.emplace_back(name);
    if (listed) fresh.push_back(at++);  // another file under the same name
  }));
  while (at < names.size())
    fresh.push_back(at++);
  for (const auto& name : vanished)
    TRY(forget(state, name));
  return {};
}

Result<bool> FolderWalk::take_in(State state, std::span<const std::string> names) {
  bool is_news = false;
  NameList found;
  for (const auto& name : names) {
    TRY_ASSIGN(const auto known, index_.inode_of_file(state, name));
    TRY_ASSIGN(const auto status, files_.status(path_in(state, name)));
    if (known && status && *known == status->inode) continue;
    is_news |= known || status;
    if (known) TRY(forget(state, name));
    if (!status) continue;
    TRY(forget_former_place(state, name));
    found.add(name, status->inode);
  }
  std::vector<std::size_t> all(found.size());
  std::iota(all.begin(), all.end(), std::size_t{0});
  ReadAhead files(files_, clock_, state, found, all);
  for (const auto i : all)
    TRY(take(state, std::string(found.name(i)), found.inode(i), files.next()));
  TRY(read_batches_again());
  return is_news;
}

// A file that a person moved here must not lose against its own old place.
Result<> FolderWalk::forget_former_place(State state, const std::string& name) {
  const auto file = FileName::parse(name);
  if (!file || file->kind == FileName::Kind::batch) return {};
  TRY_ASSIGN(const auto entry, index_.find(file->id()));
  if (!entry || entry->is_batch_line()) return {};
  const Place& place = entry->place;
  if (place.state == state && place.file == *file) return {};
  TRY_ASSIGN(const auto status, files_.status(path_of(place.state, place.file)));
  return status ? Result<>{} : forget(place.state, place.file.text());
}

Result<> FolderWalk::forget(State state, const std::string& name) {
  TRY(intake_.may_go_on());
  TRY_ASSIGN(const bool had_others, index_.remove_file(state, name));
  must_compare_again_ |= had_others;
  const auto file = FileName::parse(name);
  if (!file || file->line == 0) return {};
  vanished_lines_.insert(file->id());
  // A line's own file is gone: by hand, or because it moved. If nothing else claims the id, the
  // line in its batch counts again: read the batch anew.
  for (const State of : k_states) {
    const FileName batch = FileName::batch(file->stem);
    TRY_ASSIGN(const auto status, files_.status(path_of(of, batch)));
    if (status) reread_.insert({of, batch.text()});
  }
  return {};
}

Result<std::vector<OperationId>> FolderWalk::removed_lines() {
  std::vector<OperationId> removed;
  // What was not synced before the machine crashed may be gone without anybody's doing.
  TRY_ASSIGN(const bool same_boot, is_of_this_boot(clock_, index_));
  if (vanished_lines_.empty() || !same_boot) return removed;
  // A file that was moved while the folders were listed is in none of the listings; now it is where
  // it was moved to.
  std::set<OperationId> there;
  for (const State state : k_states) {
    TRY(files_.list(folder(state), [&](const sys::DirectoryEntry& entry) {
      const auto file = FileName::parse(entry.name);
      if (file && vanished_lines_.contains(file->id())) there.insert(file->id());
    }));
  }
  for (const auto& id : vanished_lines_) {
    TRY(intake_.may_go_on());
    TRY_ASSIGN(const auto entry, index_.find(id));
    if (!entry || !entry->is_batch_line() || entry->state() == State::synced) continue;
    if (there.contains(id)) {
      TRY(index_.remove(id));  // until the next recovery reads that file
    } else {
      removed.push_back(id);
    }
  }
  return removed;
}

Result<> FolderWalk::take(State state, const std::string& name, std::uint64_t inode,
                          const FoundFile& found) {
  const std::string path = path_in(state, name);
  if (!found.status) {
    leave_unreadable(state, found.status.error());
    return {};
  }
  if (!*found.status) return {};  // gone meanwhile
  const sys::FileStatus status = **found.status;
  if (status.kind != sys::FileKind::regular) {
    report_.ignored.push_back(path + ": not a file");
    return {};
  }
  if (!found.name && !is_adoptable(name)) {
    report_.ignored.push_back(path + ": not the name of an operation");
    return {};
  }
  TRY_ASSIGN(const auto taken, add(state, status, found));
  if (taken.unreadable) {
    leave_unreadable(state, *taken.unreadable);
    return {};
  }
  if (taken.is_ours) return index_.add_file(state, name, inode);
  if (state == State::pending && effects_ == Effects::none) {
    report_.ignored.push_back(path + ": not adopted: the queue cannot be written");
    return {};
  }
  if (state != State::pending) return intake_.add_unreadable(state, name, status);
  // Told apart here from a queue that may not be written, which is no fault of the file.
  const auto opened = files_.open(path);
  if (!opened) {
    leave_unreadable(state, opened.error());
    return {};
  }
  TRY_ASSIGN(const auto unreadable, adoption_.adopt(name, status));
  if (unreadable) leave_unreadable(state, *unreadable);
  return {};
}

// A person can mend that, or the disk may answer next time.
void FolderWalk::leave_unreadable(State state, const Error& cause) {
  report_.unreadable.push_back({.state = state, .cause = cause});
  unreadable_in_.insert(folder(state));
}

Result<TakenFile> FolderWalk::add(State state, const sys::FileStatus& status,
                                  const FoundFile& found) {
  if (!found.name) return TakenFile{.is_ours = false};
  if (found.name->kind == FileName::Kind::batch) {
    return intake_.add_batch(state, *found.name, status);
  }
  return found.operation ? intake_.add_single(*found.operation) : TakenFile{.is_ours = false};
}

Result<> FolderWalk::read_batches_again() {
  for (const auto& [state, name] : std::exchange(reread_, {})) {
    TRY_ASSIGN(const auto status, files_.status(path_in(state, name)));
    const auto file = FileName::parse(name);
    if (!status || !file) continue;
    TRY_ASSIGN(const auto taken, intake_.add_batch(state, *file, *status));
    if (taken.unreadable) leave_unreadable(state, *taken.unreadable);
  }
  return {};
}

}  // namespace core::queue
