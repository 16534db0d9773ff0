// SPDX-License-Identifier: MIT
#pragma once

// Intake: what the files in a folder say, seen through the receipts, goes into the index. A part of
// recovery (recovery.hpp), which reads the receipts first. Its errors are those of the index:
// `corrupt` is never about a file, which TakenFile speaks of; and those of may_go_on, which is
// asked at each file and line.

#include <future>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "libcore/base/ids.hpp"
#include "libcore/base/result.hpp"
#include "libcore/queue/index.hpp"
#include "libcore/queue/recovery.hpp"
#include "libcore/sys/clock.hpp"
#include "libcore/sys/files.hpp"

namespace core::queue {

// What became of a file.
struct TakenFile {
  bool is_ours = true;                // else it is not what offq writes
  std::optional<Error> unreadable{};  // why it cannot be read now; what could be is added
};

class Intake {
 public:
  Intake(const sys::Files& files, Index& index, const sys::Clock& clock, const MayGoOn& may_go_on,
         Recovered& report)
      : files_(files), index_(index), clock_(clock), may_go_on_(may_go_on), report_(report) {}

  // For whoever reads more than it is given.
  [[nodiscard]] Result<> may_go_on() const { return may_go_on_(); }

  // What a file of one operation says.
  Result<TakenFile> add_single(const Result<Entry>& said);
  // One that has gone meanwhile says nothing.
  Result<TakenFile> add_batch(State state, const FileName& file, const sys::FileStatus& status);
  // What cannot be read, in a folder where it stays.
  Result<> add_unreadable(State state, const std::string& name, const sys::FileStatus& status);

  // Operations whose last receipt may ask for a move; recovery adds those with new receipts.
  std::set<OperationId>& touched() { return touched_; }
  // The (type, key) pairs of what was added.
  [[nodiscard]] const std::set<std::pair<std::string, std::string>>& keys() const { return keys_; }
  // Lines to be given up.
  struct UnreadableLine {
    Entry entry;
    std::string cause;
  };
  std::vector<UnreadableLine>& unreadable_lines() { return unreadable_lines_; }

 private:
  enum class Receipts { none, some };  // of the lines of a batch
  // False: hand-written, as the first line shows.
  Result<bool> add_line(std::string_view line, const OperationId& id, const Place& place,
                        Time modified, Receipts receipts);
  Result<> add(Entry entry, const std::optional<LastReceipt>& last);
  Result<> add_fresh();
  Result<> begin_adding();
  Result<> finish_adding();
  Result<> add_unreadable_line(Entry entry, const std::string& cause);

  const sys::Files& files_;
  Index& index_;
  const sys::Clock& clock_;
  const MayGoOn& may_go_on_;
  Recovered& report_;
  std::vector<Entry> fresh_;  // not added yet; empty between files
  std::set<OperationId> touched_;
  std::set<std::pair<std::string, std::string>> keys_;
  std::vector<UnreadableLine> unreadable_lines_;
  // What is being added in a thread beside this one, which alone may use the index meanwhile.
  std::future<Result<>> adding_;
};

}  // namespace core::queue
