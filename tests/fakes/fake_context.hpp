// SPDX-License-Identifier: MIT
#pragma once

// A cli::Context without a process around it: output is kept as text, input comes from a string,
// time stands still until it is moved, randomness counts upwards.

#include <cstdint>
#include <map>
#include <span>
#include <string>
#include <utility>

#include "libcore/cli/context.hpp"
#include "tests/fakes/text_streams.hpp"

namespace fakes {

class StillClock final : public core::sys::Clock {
 public:
  [[nodiscard]] core::Time now() const override { return now_; }
  [[nodiscard]] core::Duration since_boot() const override { return since_boot_; }
  [[nodiscard]] bool is_synchronised() const override { return true; }
  [[nodiscard]] std::string boot_id() const override { return "boot"; }
  void advance(core::Duration span) {
    now_ += span;
    since_boot_ += span;
  }

 private:
  core::Time now_{std::chrono::sys_days{std::chrono::year{2026} / 11 / 21}};
  core::Duration since_boot_{std::chrono::hours{1}};
};

class CountingRandom final : public core::sys::Random {
 public:
  void fill(std::span<std::uint8_t> bytes) override {
    for (auto& byte : bytes)
      byte = next_++;
  }

 private:
  std::uint8_t next_ = 0;
};

struct FakeContext {
  explicit FakeContext(std::map<std::string, std::string> variables = {},
                       std::string stdin_text = {})
      : in(std::move(stdin_text)), environment(std::move(variables)) {}

  StringOutput out;
  StringOutput err;
  StringInput in;
  StillClock clock;
  CountingRandom random;
  MapEnvironment environment;
  core::cli::Context context{.out = out,
                             .err = err,
                             .in = in,
                             .clock = clock,
                             .random = random,
                             .environment = environment};
};

}  // namespace fakes
