// SPDX-License-Identifier: MIT
#include "libcore/delivery/backoff.hpp"

#include <algorithm>
#include <chrono>
#include <cmath>

namespace core::delivery {
namespace {

Duration upper_bound(const Backoff& rule, int attempts) {
  const auto base = std::clamp(rule.base, Duration{0}, std::max(rule.cap, Duration{0}));
  if (base == Duration{0}) return base;
  auto bound = base;
  for (int i = 1; i < attempts; ++i) {
    if (bound > rule.cap / 2) return rule.cap;
    bound *= 2;
  }
  return bound;
}

}  // namespace

Duration backoff(const Backoff& rule, int attempts_so_far, double jitter01) {
  const auto bound = upper_bound(rule, std::max(attempts_so_far, 1));
  const double part = std::isnan(jitter01) ? 1.0 : std::clamp(jitter01, 0.0, 1.0);
  return Duration{std::llround(static_cast<double>(bound.count()) * part)};
}

Duration pause_after(Duration waited, Duration cap) {
  constexpr Duration k_least = std::chrono::seconds{1};
  constexpr Duration k_most = std::chrono::minutes{5};
  return std::min(std::clamp(waited, k_least, k_most), std::max(cap, Duration{0}));
}

}  // namespace core::delivery
