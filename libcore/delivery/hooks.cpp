// SPDX-License-Identifier: MIT
#include "libcore/delivery/hooks.hpp"

#include <algorithm>
#include <chrono>
#include <utility>

#include <fmt/core.h>

#include "libcore/queue/layout.hpp"
#include "libcore/sys/paths.hpp"

namespace core::delivery {
namespace {

constexpr std::size_t k_at_once = 4;
// A queue of this many outcomes is longer than anybody wants to be told of one by one.
constexpr std::size_t k_most_waiting = 100'000;
// A receipt may have 64 KiB of an answer in it.
constexpr std::size_t k_most_bytes_waiting = std::size_t{16} << 20;
constexpr Duration k_counted{std::chrono::minutes{1}};

}  // namespace

void Hooks::settled(std::span<const queue::Settlement> group, Duration limit) {
  // Looked for once for each group: a hook may come or go at any time.
  const auto on_synced = find("on-synced");
  const auto on_failed = find("on-failed");
  for (const auto& [entry, transition, receipt] : group) {
    const bool is_synced = transition.receipt == codec::Outcome::synced;
    const bool is_failed = transition.receipt == codec::Outcome::failed;
    const auto& program = is_synced ? on_synced : on_failed;
    if ((!is_synced && !is_failed) || !program) continue;
    auto line = codec::format_receipt(receipt);
    if (waiting_.size() >= k_most_waiting || waiting_bytes_ + line.size() > k_most_bytes_waiting) {
      warn(*program, entry.id, "too many outcomes wait for hooks: not run");
      continue;
    }
    waiting_bytes_ += line.size();
    waiting_.push_back({.id = entry.id,
                        .program = *program,
                        .type = entry.type,
                        .outcome = *transition.receipt,
                        .receipt = std::move(line),
                        .limit = limit});
  }
  tend();
}

std::optional<std::string> Hooks::find(const std::string& name) {
  const std::string path =
      sys::join_path(parts_.queue_directory, std::string(queue::path::k_hooks) + "/" + name);
  const auto found = sys::check_own_program(path);
  if (found) return *found ? std::optional(path) : std::nullopt;
  if (refused_.insert(found.error().message).second) parts_.warn(found.error().message);
  return std::nullopt;
}

void Hooks::tend() {
  std::erase_if(running_, [this](Running& hook) { return tend(hook); });
  start_more();
  tell_repeated();
}

bool Hooks::tend(Running& hook) {
  const bool was_asked = hook.child.was_asked_to_end();
  const auto ended = hook.child.tend();
  if (!ended) {
    const bool is_late = !was_asked && hook.child.was_asked_to_end();
    if (is_late) warn(hook.program, hook.id, "it takes too long, and is ended");
    return false;
  }
  if (const auto text = hook.child.output().text(); !text.empty()) parts_.pass_on(text);
  if (was_asked || ended->is_success()) return true;
  warn(hook.program, hook.id,
       ended->signal != 0 ? fmt::format("killed by signal {}", ended->signal)
                          : fmt::format("exit status {}", ended->status));
  return true;
}

void Hooks::start_more() {
  while (running_.size() < k_at_once) {
    const auto next = std::ranges::find_if(waiting_, [this](const Job& job) {
      return std::ranges::find(running_, job.id, &Running::id) == running_.end();
    });
    if (next == waiting_.end()) return;
    const Job job = std::move(*next);
    waiting_.erase(next);
    waiting_bytes_ -= job.receipt.size();
    start(job);
  }
}

void Hooks::start(const Job& job) {
  auto child = sys::LimitedChild::start(
      {.children = parts_.children, .wakes = parts_.wakes, .clock = parts_.clock},
      {.program = job.program,
       .variables = {{"OFFQ_ID", job.id.text()},
                     {"OFFQ_TYPE", job.type},
                     {"OFFQ_DIR", parts_.queue_directory},
                     {"OFFQ_OUTCOME", std::string(name_of(job.outcome))}},
       .directory = parts_.queue_directory,
       .input = job.receipt},
      {.time = job.limit});
  if (!child) return warn(job.program, job.id, child.error().message);
  running_.push_back({.child = *std::move(child), .id = job.id, .program = job.program});
}

std::optional<Duration> Hooks::deadline() const {
  std::optional<Duration> first;
  for (const auto& hook : running_)
    first = std::min(first.value_or(hook.child.deadline()), hook.child.deadline());
  return first;
}

void Hooks::give_up() {
  waiting_.clear();
  waiting_bytes_ = 0;
  for (auto& hook : running_)
    hook.child.hurry();
}

void Hooks::warn(const std::string& program, const OperationId& id, const std::string& what) {
  const auto name = program.substr(program.rfind('/') + 1);
  if (warnings_.empty()) counted_since_ = parts_.clock.since_boot();
  const auto [known, is_new] = warnings_.try_emplace(fmt::format("hook {}: {}", name, what), 0);
  if (!is_new) {
    ++known->second;
    return;
  }
  parts_.warn(fmt::format("hook {}: {}: {}", name, id.text(), what));
}

void Hooks::tell_repeated() {
  if (warnings_.empty()) return;
  if (!is_idle() && parts_.clock.since_boot() - counted_since_ < k_counted) return;
  for (const auto& [what, count] : std::exchange(warnings_, {})) {
    if (count > 0) parts_.warn(fmt::format("{}: {} more times", what, count));
  }
}

}  // namespace core::delivery
