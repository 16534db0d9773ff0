// SPDX-License-Identifier: MIT
#pragma once

// Processes that another process has started, which may have died since: by number and moment of
// start, for numbers are used again. What this process starts itself is in sys/child.hpp.

#include <cstdint>
#include <optional>
#include <utility>

#include "libcore/base/time.hpp"
#include "libcore/sys/child.hpp"
#include "libcore/sys/clock.hpp"
#include "libcore/sys/fd.hpp"
#include "libcore/sys/poll_set.hpp"

namespace core::sys {

// Good within one boot.
struct ProcessName {
  int number = 0;
  std::uint64_t started = 0;  // ticks since boot

  bool operator==(const ProcessName&) const = default;
};

// nullopt: it has ended, though perhaps nobody has been told yet.
std::optional<ProcessName> name_of_process(int number);

class Stray {
 public:
  // nullopt: it has ended.
  static std::optional<Stray> find(const ProcessName& name);

  // Readable once it has ended.
  [[nodiscard]] int fd() const { return end_.get(); }
  [[nodiscard]] bool has_ended() const;
  // To all of the process group that it leads, also when it has just ended itself and others of the
  // group have not: while they are there, no new process gets the number.
  void signal(Children::Signal signal) const;
  // Nobody is left of its group.
  [[nodiscard]] bool is_alone() const;

 private:
  Stray(int number, Fd end) : number_(number), end_(std::move(end)) {}

  int number_;
  Fd end_;  // pidfd_open(2)
};

// The end of one, with its group: asked for when this begins, and enforced two seconds later. It
// does nothing of itself: call tend() whenever the set says that there is something to tend, and at
// deadline().
class StrayEnd {
 public:
  // All must outlive this. `wakes` is told of the end.
  StrayEnd(Stray stray, PollSet& wakes, const Clock& clock);

  // Whether it is over: nobody is left of the group, or the dead of it are not waited for any more.
  bool tend();
  // Since boot: when to tend although nothing has happened.
  [[nodiscard]] Duration deadline() const { return deadline_; }

 private:
  Stray stray_;
  PollSet* wakes_;
  const Clock* clock_;
  Duration deadline_;
  Duration patience_;               // with one that has been killed
  std::optional<Duration> killed_;  // since boot: when what it has started was
};

}  // namespace core::sys
