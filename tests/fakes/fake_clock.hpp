// SPDX-License-Identifier: MIT
#pragma once

// A clock that stands still until it is told otherwise, and randomness that counts.

#include <string>

#include "libcore/sys/clock.hpp"
#include "libcore/sys/random.hpp"

namespace fakes {

class FakeClock final : public core::sys::Clock {
 public:
  [[nodiscard]] core::Time now() const override { return now_; }
  [[nodiscard]] core::Duration since_boot() const override { return since_boot_; }
  [[nodiscard]] bool is_synchronised() const override { return synchronised_; }
  [[nodiscard]] std::string boot_id() const override { return boot_id_; }

  // Time passes.
  void advance(core::Duration by) {
    now_ += by;
    since_boot_ += by;
  }
  // Somebody sets the wall clock.
  void step(core::Duration by) { now_ += by; }
  void set(core::Time now) { now_ = now; }
  void reboot(std::string boot_id) {
    boot_id_ = std::move(boot_id);
    since_boot_ = core::Duration{0};
  }
  void set_synchronised(bool synchronised) { synchronised_ = synchronised; }

 private:
  // Far ahead of the kernel's clock, which stamps the files that tests make: a file from the future
  // would look like one that waits for its backoff.
  core::Time now_ = core::parse_time("2126-11-21T02:25:00Z").value();
  core::Duration since_boot_{std::chrono::hours{1}};
  bool synchronised_ = true;
  std::string boot_id_ = "boot-1";
};

class FakeRandom final : public core::sys::Random {
 public:
  void fill(std::span<std::uint8_t> bytes) override {
    for (auto& byte : bytes)
      byte = next_++;
  }

 private:
  std::uint8_t next_ = 1;
};

}  // namespace fakes
