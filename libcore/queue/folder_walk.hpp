// SPDX-License-Identifier: MIT
#pragma once

// The walk through the folders: what is new in them is read, what vanished is forgotten. A part of
// recovery (recovery.hpp).

#include <cstdint>
#include <set>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "libcore/base/ids.hpp"
#include "libcore/base/result.hpp"
#include "libcore/queue/adoption.hpp"
#include "libcore/queue/index.hpp"
#include "libcore/queue/intake.hpp"
#include "libcore/queue/name_list.hpp"
#include "libcore/queue/read_ahead.hpp"
#include "libcore/queue/recovery.hpp"
#include "libcore/sys/clock.hpp"
#include "libcore/sys/files.hpp"

namespace core::queue {

class FolderWalk {
 public:
  FolderWalk(sys::Files& files, Index& index, const sys::Clock& clock, Effects effects,
             Intake& intake, Recovered& report)
      : files_(files),
        index_(index),
        clock_(clock),
        effects_(effects),
        intake_(intake),
        report_(report),
        adoption_(files, index, clock, intake, report) {}

  // Folders that the index knows as they are cost one stat.
  Result<> run();
  // Instead of run: what these files of one folder say, or that they are gone. True: it is news.
  Result<bool> take_in(State state, std::span<const std::string> names);
  // After either: lines of batches whose own file a person has removed. The index has them as the
  // batch has them.
  Result<std::vector<OperationId>> removed_lines();
  // After run: whether there is a file in this folder that could not be read.
  [[nodiscard]] bool met_unreadable(const std::string& folder) const {
    return unreadable_in_.contains(folder);
  }

 private:
  struct Listing {
    State state = State::pending;
    NameList names;
    std::vector<std::size_t> fresh;
  };
  Result<> compare(Listing& listing);
  Result<> forget(State state, const std::string& name);
  Result<> forget_former_place(State state, const std::string& name);
  Result<> take(State state, const std::string& name, std::uint64_t inode, const FoundFile& found);
  Result<TakenFile> add(State state, const sys::FileStatus& status, const FoundFile& found);
  Result<> read_batches_again();
  void leave_unreadable(State state, const Error& cause);

  sys::Files& files_;
  Index& index_;
  const sys::Clock& clock_;
  const Effects effects_;
  Intake& intake_;
  Recovered& report_;
  Adoption adoption_;
  std::set<std::pair<State, std::string>> reread_;  // batches
  std::set<OperationId> vanished_lines_;
  std::set<std::string> unreadable_in_;  // folders
  bool must_compare_again_ = false;
};

}  // namespace core::queue
