// SPDX-License-Identifier: MIT
#pragma once

// A child that may take only so long, and of whose output the beginning is kept. When its time is
// over it is asked to end (SIGTERM), and killed two seconds later, with all of its process group.
// It does nothing of itself: call tend() whenever the set says that there is something to tend,
// and at deadline().

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <utility>

#include "libcore/base/result.hpp"
#include "libcore/base/time.hpp"
#include "libcore/sys/child.hpp"
#include "libcore/sys/child_output.hpp"
#include "libcore/sys/clock.hpp"
#include "libcore/sys/poll_set.hpp"

namespace core::sys {

class LimitedChild {
 public:
  // All must outlive the child. `wakes` is told of its end, and of what it prints.
  struct Parts {
    Children& children;
    PollSet& wakes;
    const Clock& clock;
  };
  enum class Keeps { output, output_and_errors };
  struct Limits {
    Duration time;
    std::size_t output = std::size_t{16} << 10;  // bytes that are kept
    Keeps keeps = Keeps::output_and_errors;
  };
  // `command` with its output, and perhaps its standard error, redirected to here. Errors:
  // not_found, denied, io.
  static Result<LimitedChild> start(const Parts& parts, Command command, const Limits& limits);

  // Reads what it has printed, and looks whether it has ended; hurries it when its time is over.
  // nullopt: it runs. Told once.
  std::optional<Ended> tend();
  // Its time is over now: asks it to end, and kills it when it was asked before.
  void hurry();
  [[nodiscard]] bool was_asked_to_end() const { return asked_ != Asked::nothing; }
  // It was, because its time was over.
  [[nodiscard]] bool is_late() const { return is_late_; }
  // Since boot: when to tend although nothing has happened.
  [[nodiscard]] Duration deadline() const { return deadline_; }
  // How long it has run.
  [[nodiscard]] Duration elapsed() const { return clock_->since_boot() - started_; }
  [[nodiscard]] const ChildOutput& output() const { return output_; }
  // Its number; good until tend() has told of its end.
  [[nodiscard]] int process() const { return children_->process(child_); }

 private:
  LimitedChild(const Parts& parts, ChildOutput output)
      : children_(&parts.children), clock_(&parts.clock), output_(std::move(output)) {}

  Children* children_;
  const Clock* clock_;
  ChildOutput output_;
  Children::Id child_ = 0;
  Duration started_{};
  Duration deadline_{};
  enum class Asked : std::uint8_t { nothing, to_end, killed } asked_ = Asked::nothing;
  bool is_late_ = false;
};

}  // namespace core::sys
