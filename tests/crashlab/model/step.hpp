// SPDX-License-Identifier: MIT
#pragma once

// A step of a sequence: one command, one thing that a person does to the files, or one thing that
// happens to the machine. A sequence is made from a seed before any of it is run, and steps name
// operations by the step that made them, so that a sequence keeps its meaning when steps are left
// out of it.

#include <chrono>
#include <compare>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "libcore/queue/enqueue.hpp"
#include "libcore/queue/layout.hpp"

namespace model {

// The operation that step `step` made; of a batch its line, counted from 1.
struct Label {
  int step = 0;
  int line = 0;
  auto operator<=>(const Label&) const = default;
};

struct Draft {
  int priority = 0;
  char target = 'a';  // the host it goes to
  std::string lane{};
  std::string key{};
  std::vector<Label> after{};
  bool waits_for_failed = false;
  std::optional<std::chrono::seconds> not_before{};  // from now
  std::optional<std::chrono::seconds> expires{};
  std::optional<int> max_attempts{};
};

enum class Verb {
  enqueue,
  enqueue_batch,
  sync,
  retry,
  cancel,
  remove,
  clear,
  prune,
  move_to_pending,  // by hand, this one and the next ones
  move_to_failed,
  unlink,
  touch,  // and the index is lost, for it does not look at times twice
  write_by_hand,
  write_garbage,
  write_truncated,
  lose_index,
  lose_state,
  lose_usage,
  pass_time,
  set_clock,
  reboot,
};

enum class Reply { ok, ok_and_crash, error, missing, conflict, throttled, offline, timeout };

// What goes wrong with the n-th effect on the disk.
enum class Upset { none, crash, error, full };

struct Step {
  int number = 0;
  Verb verb = Verb::enqueue;
  std::vector<Draft> drafts{};
  core::queue::IfPending if_pending = core::queue::IfPending::replace;
  std::vector<Label> of{};                                 // which operations
  core::queue::State state = core::queue::State::pending;  // clear
  std::vector<Reply> replies{};                            // of the servers, in turn; then ok
  std::optional<int> max_ops{};
  bool is_forced = false;
  std::chrono::milliseconds by{0};  // pass_time, set_clock, prune
  Upset upset = Upset::none;
  int at_effect = 0;
};

std::vector<Step> generate(std::uint64_t seed, int count);

// One line for people.
std::string text_of(const Step& step);

}  // namespace model
