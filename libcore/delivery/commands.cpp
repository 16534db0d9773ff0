// SPDX-License-Identifier: MIT
#include "libcore/delivery/commands.hpp"

#include <algorithm>
#include <array>
#include <chrono>
#include <utility>

#include <fmt/core.h>

namespace core::delivery {
namespace {

constexpr std::size_t k_most_output = std::size_t{1} << 20;  // as of an answer
constexpr Duration k_grace{std::chrono::seconds{2}};
constexpr Duration k_grace_of_all{std::chrono::milliseconds{500}};
constexpr Duration k_step{std::chrono::milliseconds{20}};
constexpr Duration k_a_while{std::chrono::hours{1}};
// sysexits.h: it would end so again.
constexpr std::array k_for_good{64, 65, 77, 78};
constexpr std::array k_not_now{69, 75};

}  // namespace

Verdict verdict_of(const CommandEnd& end) {
  Verdict verdict{.kind = Class::temporary, .message = {}, .retry_at = {}};
  if (end.is_late) {
    verdict.message = "it took too long, and was ended";
  } else if (end.ended.signal != 0) {
    verdict.message = fmt::format("killed by signal {}", end.ended.signal);
  } else {
    verdict.message = fmt::format("exit status {}", end.ended.status);
    const bool is_for_good = std::ranges::find(k_for_good, end.ended.status) != k_for_good.end();
    if (is_for_good) verdict.kind = Class::rejected;
    const bool is_not_now = std::ranges::find(k_not_now, end.ended.status) != k_not_now.end();
    if (is_not_now) verdict.kind = Class::later;
    if (end.ended.is_success()) verdict.kind = Class::delivered;
  }
  return verdict;
}

Result<> Commands::start(const CommandJob& job) {
  TRY_ASSIGN(auto output, sys::ChildOutput::open(k_most_output));
  auto variables = job.command.environment;
  variables.emplace_back("OFFQ_ID", job.id);
  variables.emplace_back("OFFQ_TYPE", codec::k_command_type);
  variables.emplace_back("OFFQ_ATTEMPT", std::to_string(job.attempt));
  variables.emplace_back("OFFQ_DIR", job.queue_directory);
  TRY_ASSIGN(const auto child, children_.start({.program = job.command.program,
                                                .arguments = job.command.arguments,
                                                .variables = std::move(variables),
                                                .inherits = sys::Inherits::nothing,
                                                .directory = job.command.directory,
                                                .input = job.input,
                                                .output = output.to()}));
  output.started();
  const Duration now = clock_.since_boot();
  Running running{.child = child,
                  .output = std::move(output),
                  .end = {.tag = job.tag},
                  .began = now,
                  .deadline = now + job.command.timeout};
  // What is not told of here is seen by the next look all the same.
  static_cast<void>(wakes_.add(running.output.fd()));
  static_cast<void>(wakes_.add(children_.fd(child)));
  running_.emplace(job.tag, std::move(running));
  return {};
}

std::vector<CommandEnd> Commands::take() {
  std::vector<CommandEnd> ends;
  for (auto at = running_.begin(); at != running_.end();) {
    auto& running = at->second;
    running.output.read();
    const auto ended = children_.ended(running.child);
    if (!ended) {
      hurry(running);
      ++at;
      continue;
    }
    running.output.read();  // what came between
    running.end.output = running.output.kept();
    running.end.is_truncated = running.output.dropped() > 0;
    running.end.ended = *ended;
    running.end.elapsed = clock_.since_boot() - running.began;
    ends.push_back(std::move(running.end));
    at = running_.erase(at);
  }
  return ends;
}

void Commands::hurry(Running& running) {
  const Duration now = clock_.since_boot();
  if (now < running.deadline) return;
  running.end.is_late = true;
  if (running.asked == Running::Asked::nothing) {
    running.asked = Running::Asked::to_end;
    running.deadline = now + k_grace;
    children_.signal(running.child, sys::Children::Signal::terminate);
    return;
  }
  running.asked = Running::Asked::killed;
  running.deadline = now + k_a_while;
  children_.signal(running.child, sys::Children::Signal::kill);
}

void Commands::abandon() {
  if (running_.empty()) return;
  for (auto& [tag, running] : running_)
    children_.signal(running.child, sys::Children::Signal::terminate);
  const Duration end = clock_.since_boot() + k_grace_of_all;
  while (true) {
    static_cast<void>(take());
    if (running_.empty()) return;
    if (clock_.since_boot() >= end) break;
    static_cast<void>(wakes_.is_ready(k_step));
  }
  for (auto& [tag, running] : running_)
    children_.signal(running.child, sys::Children::Signal::kill);
  running_.clear();
}

}  // namespace core::delivery
