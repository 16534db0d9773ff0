// SPDX-License-Identifier: MIT
#pragma once

// Commands that `offq run` has queued, under way: each is a child with the directory, the
// environment and the standard input that it was queued with, and its own time limit. What it
// prints on standard output is kept, its beginning at least; its standard error is ours. One whose
// time is over is ended (sys/limited_child.hpp).
//
// A command may be run twice, as a request may be sent twice, when its outcome is lost in a crash:
// OFFQ_ID is the same then.

#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "libcore/base/result.hpp"
#include "libcore/base/time.hpp"
#include "libcore/codec/command_line.hpp"
#include "libcore/delivery/verdict.hpp"
#include "libcore/sys/child.hpp"
#include "libcore/sys/clock.hpp"
#include "libcore/sys/limited_child.hpp"
#include "libcore/sys/poll_set.hpp"

namespace core::delivery {

struct CommandJob {
  std::uint64_t tag = 0;
  codec::CommandLine command{};
  std::string input{};            // standard input
  std::string id{};               // OFFQ_ID
  int attempt = 1;                // OFFQ_ATTEMPT
  std::string queue_directory{};  // OFFQ_DIR
};

struct CommandEnd {
  std::uint64_t tag = 0;
  sys::Ended ended{};
  bool is_late = false;  // its time was over
  std::string output{};
  bool is_truncated = false;
  Duration elapsed{};
};

// What the end of a command means: 0 delivered; 69 and 75 later; 64, 65, 77 and 78 rejected; the
// rest temporary.
// Pure.
Verdict verdict_of(const CommandEnd& end);

class Commands {
 public:
  // All must outlive this. `wakes` is readable when there is something to take.
  Commands(sys::Children& children, sys::PollSet& wakes, const sys::Clock& clock)
      : children_(children), wakes_(wakes), clock_(clock) {}
  Commands(const Commands&) = delete;
  Commands& operator=(const Commands&) = delete;
  ~Commands() { abandon(); }

  // Errors: not_found, denied, io: it was not started.
  Result<> start(const CommandJob& job);
  // Those that have ended. Does not wait.
  std::vector<CommandEnd> take();
  [[nodiscard]] bool is_idle() const { return running_.empty(); }
  // Asks those that run to end, and kills those that have not soon.
  void abandon();

 private:
  sys::Children& children_;
  sys::PollSet& wakes_;
  const sys::Clock& clock_;
  std::map<std::uint64_t, sys::LimitedChild> running_;  // by tag
};

}  // namespace core::delivery
