// SPDX-License-Identifier: MIT
#pragma once

// What is swept: a queue in some state, and a command of offq that changes it.

#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "libcore/base/result.hpp"
#include "tests/crashlab/sweep_lab.hpp"

namespace sweep {

struct Scenario {
  enum class Does {
    enqueue,  // prints ids; all of it happens, or nothing
    settle,   // sends; what it has not done, the next sync does
    tend,     // can be repeated until it is done
  };
  enum class Index { as_it_is, current };

  std::string_view name;
  std::string_view what;
  Does does = Does::tend;
  // Makes the queue, in its directory; returns the ids that were printed meanwhile.
  core::Result<std::vector<std::string>> (*prepare)(Lab& lab) = nullptr;
  std::vector<std::string> (*command)(const Lab& lab) = nullptr;
  int exit = 0;                   // of the command without a fault
  Index index = Index::as_it_is;  // before the command begins
  Lab::Target target = Lab::Target::good;
};

std::span<const Scenario> scenarios();
const Scenario* find_scenario(std::string_view name);

}  // namespace sweep
