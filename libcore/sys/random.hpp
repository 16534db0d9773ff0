// SPDX-License-Identifier: MIT
#pragma once

// Randomness as a parameter: ids, jitter.

#include <cstdint>
#include <span>

namespace core::sys {

class Random {
 public:
  Random() = default;
  Random(const Random&) = delete;
  Random& operator=(const Random&) = delete;
  virtual ~Random() = default;

  virtual void fill(std::span<std::uint8_t> bytes) = 0;
};

// getrandom(2); never fails on a booted system (aborts otherwise).
class SystemRandom final : public Random {
 public:
  void fill(std::span<std::uint8_t> bytes) override;
};

// Uniform in [0, 1).
double unit_interval(Random& random);

}  // namespace core::sys
