// SPDX-License-Identifier: MIT
#pragma once

// The budget as those who look at the network use it: probes are counted, and what is left is
// published.

#include <optional>
#include <string>
#include <vector>

#include "libcore/base/result.hpp"
#include "libcore/base/units.hpp"
#include "libcore/config/config.hpp"
#include "libcore/netstate/budget.hpp"
#include "libcore/sys/calendar.hpp"
#include "libcore/sys/clock.hpp"
#include "libcore/sys/files.hpp"
#include "libcore/sys/random.hpp"

namespace netwatch {

class ProbeBudget {
 public:
  // All but `limits` outlive it; `files` is the queue directory.
  ProbeBudget(core::sys::Files& files, const core::sys::Clock& clock, core::sys::Random& random,
              const core::config::BudgetConfig& limits);

  // On the account of the network that is published. Errors: corrupt, denied, full, io.
  core::Result<> spend(core::ByteCount bytes);
  // Of the narrowest limit; absent: nothing is limited, or the account cannot be read.
  [[nodiscard]] std::optional<core::ByteCount> left();
  // Errors: corrupt, denied, io.
  [[nodiscard]] core::Result<bool> allows(core::ByteCount size);
  // What a user should know of the file.
  std::vector<std::string> remarks() { return budget_.remarks(); }

 private:
  [[nodiscard]] core::netstate::Network network() const;

  core::sys::Files& files_;
  const core::sys::Clock& clock_;
  core::config::BudgetConfig limits_;
  core::sys::LocalCalendar calendar_;
  core::netstate::Budget budget_;
};

}  // namespace netwatch
