// SPDX-License-Identifier: MIT
#pragma once

// What others change about the network's state in a queue directory, as a descriptor that is
// readable when something has changed, and then by name. What this process writes is told as well.

#include <span>
#include <string>
#include <utility>

#include "libcore/base/result.hpp"
#include "libcore/sys/directory_events.hpp"
#include "libcore/sys/named_files.hpp"

namespace core::netstate {

// Since the last time.
struct Changes {
  bool line = false;      // `network` was replaced
  bool mode = false;      // somebody set one, or ended it
  bool reports = false;   // of siblings
  bool ask = false;       // somebody wants the daemon to look now
  bool released = false;  // who had the lock of the daemon, of checks or of hooks may have let go
  bool settings = false;  // a file of the configuration
  bool is_gone = false;   // the directory itself was moved or removed
};

class News {
 public:
  // In the queue of this directory, whose folder netwatch/ must be there, and of files anywhere
  // that its settings come from, whose directories may be made later. Where the kernel cannot tell
  // of changes, is_blind() says so, and there are none. Errors: not_found, denied, io.
  static Result<News> of(const std::string& queue_directory,
                         std::span<const std::string> settings_files);

  [[nodiscard]] int fd() const { return events_.fd(); }
  [[nodiscard]] bool is_blind() const { return is_blind_; }
  // Does not wait. Errors: io.
  Result<Changes> take();

 private:
  explicit News(sys::DirectoryEvents events) : events_(std::move(events)) {}
  void note(const sys::DirectoryEvent& event, Changes& changes) const;

  sys::DirectoryEvents events_;
  int queue_ = -1;
  int netwatch_ = -1;
  sys::NamedFiles settings_;
  bool is_blind_ = false;
};

}  // namespace core::netstate
