// SPDX-License-Identifier: MIT
#pragma once

// The clocks. Code that needs the time takes a Clock&; only tests and main make one.

#include <string>

#include "libcore/base/time.hpp"

namespace core::sys {

class Clock {
 public:
  Clock() = default;
  Clock(const Clock&) = delete;
  Clock& operator=(const Clock&) = delete;
  virtual ~Clock() = default;

  // Wall clock: may jump either way at any time.
  [[nodiscard]] virtual Time now() const = 0;
  // Time since boot, counting sleep (CLOCK_BOOTTIME): never jumps, restarts at each boot.
  [[nodiscard]] virtual Duration since_boot() const = 0;
  // Whether the kernel knows the wall clock to be synchronised (adjtimex(2)).
  [[nodiscard]] virtual bool is_synchronised() const = 0;
  // Names this boot (/proc/sys/kernel/random/boot_id); empty where the kernel does not say.
  [[nodiscard]] virtual std::string boot_id() const = 0;
};

class SystemClock final : public Clock {
 public:
  [[nodiscard]] Time now() const override;
  [[nodiscard]] Duration since_boot() const override;
  [[nodiscard]] bool is_synchronised() const override;
  [[nodiscard]] std::string boot_id() const override;
};

}  // namespace core::sys
