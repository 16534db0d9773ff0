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
constexpr Duration k_grace_of_all{std::chrono::milliseconds{500}};
constexpr Duration k_step{std::chrono::milliseconds{20}};
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
  auto variables = job.command.environment;
  variables.emplace_back("OFFQ_ID", job.id);
  variables.emplace_back("OFFQ_TYPE", codec::k_command_type);
  variables.emplace_back("OFFQ_ATTEMPT", std::to_string(job.attempt));
  variables.emplace_back("OFFQ_DIR", job.queue_directory);
  TRY_ASSIGN(auto child,
             sys::LimitedChild::start({.children = children_, .wakes = wakes_, .clock = clock_},
                                      {.program = job.command.program,
                                       .arguments = job.command.arguments,
                                       .variables = std::move(variables),
                                       .inherits = sys::Inherits::nothing,
                                       .directory = job.command.directory,
                                       .input = job.input},
                                      {.time = job.command.timeout,
                                       .output = k_most_output,
                                       .keeps = sys::LimitedChild::Keeps::output}));
  running_.emplace(job.tag, std::move(child));
  return {};
}

std::vector<CommandEnd> Commands::take() {
  std::vector<CommandEnd> ends;
  for (auto at = running_.begin(); at != running_.end();) {
    auto& [tag, child] = *at;
    const auto ended = child.tend();
    if (!ended) {
      ++at;
      continue;
    }
    ends.push_back({.tag = tag,
                    .ended = *ended,
                    .is_late = child.is_late(),
                    .output = child.output().kept(),
                    .is_truncated = child.output().dropped() > 0,
                    .elapsed = child.elapsed()});
    at = running_.erase(at);
  }
  return ends;
}

void Commands::abandon() {
  if (running_.empty()) return;
  for (auto& [tag, child] : running_)
    child.hurry();
  const Duration end = clock_.since_boot() + k_grace_of_all;
  while (true) {
    static_cast<void>(take());
    if (running_.empty()) return;
    if (clock_.since_boot() >= end) break;
    static_cast<void>(wakes_.is_ready(k_step));
  }
  for (auto& [tag, child] : running_)
    child.hurry();
  running_.clear();
}

}  // namespace core::delivery
