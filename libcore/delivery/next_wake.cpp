// SPDX-License-Identifier: MIT
#include "libcore/delivery/next_wake.hpp"

#include <algorithm>
#include <chrono>

namespace core::delivery {
namespace {

constexpr Duration k_breath{std::chrono::milliseconds{500}};

}  // namespace

Time next_wake(const Ahead& ahead, Time now, Duration interval) {
  Time wake = now + interval;
  if (ahead.due) wake = std::min(wake, *ahead.due);
  if (ahead.expiry) wake = std::min(wake, *ahead.expiry);
  if (ahead.network) wake = std::min(wake, std::max(*ahead.network, now));
  for (const auto& hold : ahead.holds) {
    const bool has_end = hold.until != Time{};  // else only a person can end it
    if (has_end) wake = std::min(wake, std::max(hold.until, now + k_breath));
  }
  return wake;
}

}  // namespace core::delivery
