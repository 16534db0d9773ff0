// SPDX-License-Identifier: MIT
#pragma once

// What others do in a queue while one stays there: as a descriptor to wait for, and then by name.
// What this process moves itself is told as well, as far as it cannot be told apart.

#include <set>
#include <span>
#include <string>
#include <vector>

#include "libcore/base/result.hpp"
#include "libcore/sys/directory_events.hpp"
#include "libcore/sys/named_files.hpp"

namespace core::queue {

// Since the last time.
struct Changes {
  std::set<std::string> pending{};  // names in pending/ that came, were written, changed or went
  bool elsewhere = false;           // something failed, was retried or deleted
  // netwatch published a line or its daemon ended, or somebody set a mode: where netwatch/ was
  // there when watching began.
  bool network = false;
  bool settings = false;       // a file of the configuration
  bool lock = false;           // somebody may have let go of the lock of syncs
  bool index_is_gone = false;  // the file: another may be in its place
  bool anything = false;       // too much to tell: look at all of it

  void add(Changes&& more);
};

class Watch {
 public:
  // Of the queue in this directory, and of files anywhere that its settings come from. Where the
  // kernel cannot tell of changes, is_blind() says so, and there are none; take() may change that
  // in both directions. Errors: not_found, denied, io.
  static Result<Watch> on(const std::string& queue_directory,
                          std::span<const std::string> settings_files);

  [[nodiscard]] int fd() const { return events_.fd(); }
  [[nodiscard]] bool is_blind() const { return is_blind_; }
  // Does not wait. A folder that was replaced is watched again. Errors: not_found when the queue
  // directory itself was moved or removed; io.
  Result<Changes> take();

 private:
  explicit Watch(std::string root)
      : root_(std::move(root)), events_(sys::DirectoryEvents::open()) {}
  Result<> add_queue();
  Result<> add_folders();
  // What the kernel refused before: others may have gone since. True: all is watched now.
  Result<bool> add_refused();
  void note(const sys::DirectoryEvent& event, Changes& changes);
  void note_loss(int directory);

  std::string root_;
  sys::DirectoryEvents events_;
  int queue_ = -1;
  int pending_ = -1;
  int failed_ = -1;
  int netwatch_ = -1;
  sys::NamedFiles settings_;
  bool is_blind_ = false;
  bool is_gone_ = false;          // the queue directory
  bool has_lost_folder_ = false;  // one in it
};

}  // namespace core::queue
