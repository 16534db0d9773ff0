// SPDX-License-Identifier: MIT
#include "libcore/delivery/allowance.hpp"

#include <algorithm>
#include <chrono>
#include <utility>

#include <fmt/core.h>

#include "libcore/queue/layout.hpp"

namespace core::delivery {
namespace {

// At once; a small budget is not blocked by it, for exactly what is needed is asked for next.
constexpr std::uint64_t k_block = 256UL * 1024;
// A run that was killed keeps others from these bytes for so long.
constexpr Duration k_time_to_live = std::chrono::minutes{10};
constexpr Duration k_between_counts = std::chrono::seconds{1};

}  // namespace

NetworkHold budget_hold(const netstate::Permission& refused, ByteCount under_way,
                        const sys::Calendar& calendar) {
  NetworkHold hold{.why = "over budget", .until = {}, .end = "there is more"};
  if (!refused.window) return hold;
  const auto& window = *refused.window;
  const std::string name =
      window.limit == netstate::Limit::daily ? "budget.daily" : "budget.monthly";
  if (refused.answer == netstate::Answer::never) {
    hold.why = fmt::format("it is more than {} ({})", name, format_size(ByteCount{window.size}));
    hold.end = "that is more";
    return hold;
  }
  hold.why = fmt::format("{} of {} ({}) are spent or reserved",
                         format_size(ByteCount{window.spent + window.reserved + under_way.value}),
                         name, format_size(ByteCount{window.size}));
  hold.until = calendar.begin_of(window.end);
  return hold;
}

SharedAllowance::SharedAllowance(sys::Files& files, const sys::Clock& clock,
                                 const sys::Calendar& calendar, sys::Random& random,
                                 const config::BudgetConfig& limits, Warn warn)
    : files_(files),
      clock_(clock),
      calendar_(calendar),
      budget_(files, clock, calendar, random, limits),
      warn_(std::move(warn)) {
  const auto folder = files_.status(queue::path::k_netwatch);
  const bool is_limited = limits.daily || limits.monthly || limits.rate;
  counts_ = is_limited || (folder && *folder);
  if (!counts_) return;
  network_ = netstate::network_of(files, clock, limits);
  has_limit_ = network_.is_limited && (limits.daily || limits.monthly);
  // A budget is kept where netwatch keeps it, whether or not it has ever run.
  if (is_limited) warn_once(files_.make_directory(queue::path::k_netwatch));
}

SharedAllowance::~SharedAllowance() {
  warn_once(settle());
}

void SharedAllowance::end_run() {
  under_way_ = 0;
  if (has_limit_) warn_once(settle());
}

Result<std::optional<NetworkHold>> SharedAllowance::take(ByteCount size, Priority priority) {
  if (has_limit_) {
    auto& block = block_of(priority);
    if (block.left < size.value) {
      TRY_ASSIGN(auto hold, refill(block, size.value, priority));
      if (hold) return hold;
    }
    block.left -= size.value;
  }
  under_way_ += size.value;
  return std::nullopt;
}

// What is under way stays reserved: it is told of when it has been spent.
Result<std::optional<NetworkHold>> SharedAllowance::refill(Block& block, std::uint64_t size,
                                                           Priority priority) {
  TRY(settle());
  netstate::Permission refused;
  for (const auto more : {std::max(size, k_block), size}) {
    TRY_ASSIGN(auto reserved,
               budget_.reserve(network_, ByteCount{under_way_ + more}, priority, k_time_to_live));
    for (const auto& remark : budget_.remarks())
      warn_(remark);
    if (reserved.reservation) {
      block = {.id = reserved.reservation->id, .left = more};
      return std::nullopt;
    }
    refused = std::move(reserved.permission);
  }
  const bool fits_alone =
      refused.window && size <= refused.window->most(priority) && refused.window->size > 0;
  if (refused.answer == netstate::Answer::never && fits_alone) {
    refused.answer = netstate::Answer::later;
  }
  if (under_way_ > 0) {
    TRY_ASSIGN(const auto kept,
               budget_.reserve(network_, ByteCount{under_way_}, priority, k_time_to_live));
    if (kept.reservation) block.id = kept.reservation->id;
  }
  return budget_hold(refused, ByteCount{under_way_}, calendar_);
}

Result<Duration> SharedAllowance::pace(ByteCount size) {
  if (!budget_.limits().rate || !network_.is_limited) return Duration{0};
  TRY_ASSIGN(const auto wait, budget_.pace(network_, size, std::nullopt));
  return wait.value_or(Duration{0});
}

void SharedAllowance::give_back(ByteCount size, ByteCount spent) {
  under_way_ -= std::min(under_way_, size.value);
  spent_ += spent.value;
  if (!counts_ || has_limit_ || spent_ == 0) return;
  const Duration now = clock_.since_boot();
  if (now < next_count_) return;
  next_count_ = now + k_between_counts;
  warn_once(settle());
}

Result<> SharedAllowance::settle() {
  for (auto* block : {&normal_, &critical_}) {
    if (block->id.empty()) continue;
    const auto id = std::exchange(*block, {}).id;
    const auto spent = ByteCount{std::exchange(spent_, 0)};
    const auto committed = budget_.commit(id, spent, netstate::Purpose::delivery);
    if (committed) continue;
    // Somebody has begun the account anew: the bytes are spent all the same.
    if (committed.error().code != Errc::not_found) {
      return tl::unexpected<Error>(committed.error());
    }
    TRY(budget_.spend(network_, spent, netstate::Purpose::delivery));
  }
  if (!counts_ || spent_ == 0) return {};
  return budget_.spend(network_, ByteCount{std::exchange(spent_, 0)}, netstate::Purpose::delivery);
}

void SharedAllowance::warn_once(const Result<>& done) {
  if (done) return;
  const auto& message = done.error().message;
  if (std::exchange(warned_, message) != message) warn_(message);
}

}  // namespace core::delivery
