// SPDX-License-Identifier: MIT
#pragma once

// Children of a delivering process that are on record while they run, running/NUMBER of the queue
// for each (offq-queue(5)), so that the next one ends what one that was killed has left running:
// never two hooks of one operation at once, nor two of one command.
//
// One that was started in the instant of the kill, before its number was noted, goes on by itself.
// Records are not durable: no process outlives the machine.

#include <cstddef>
#include <functional>
#include <map>
#include <optional>
#include <string>

#include "libcore/base/result.hpp"
#include "libcore/sys/child.hpp"
#include "libcore/sys/clock.hpp"
#include "libcore/sys/files.hpp"

namespace core::delivery {

class RecordedChildren final : public sys::Children {
 public:
  struct Parts {
    sys::Children& children;  // all must outlive this
    sys::Files& files;        // the queue directory
    const sys::Clock& clock;
    std::function<void(const std::string&)> warn;  // once, when there can be no records
  };
  explicit RecordedChildren(Parts parts) : parts_(std::move(parts)) {}
  RecordedChildren(const RecordedChildren&) = delete;
  RecordedChildren& operator=(const RecordedChildren&) = delete;
  // What still runs stays on record: whoever ends it comes later.
  ~RecordedChildren() override = default;

  Result<Id> start(const sys::Command& command) override;
  [[nodiscard]] int fd(Id id) const override { return parts_.children.fd(id); }
  [[nodiscard]] int process(Id id) const override { return parts_.children.process(id); }
  std::optional<sys::Ended> ended(Id id) override;
  void signal(Id id, Signal signal) override { parts_.children.signal(id, signal); }

 private:
  [[nodiscard]] Result<> record(int process);

  Parts parts_;
  std::map<Id, std::string> records_;  // where
  bool has_warned_ = false;
};

// Ends what processes that are gone have left running, with all that it has started, and waits for
// that: five seconds at most. How many have ended. For whoever holds the queue's lock. Errors: io;
// interrupted, terminated.
Result<std::size_t> end_strays(sys::Files& files, const sys::Clock& clock);

}  // namespace core::delivery
