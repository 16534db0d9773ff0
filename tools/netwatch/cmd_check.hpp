// SPDX-License-Identifier: MIT
#pragma once

// netwatch check: look once, and publish what was found.

#include <chrono>
#include <string>
#include <vector>

#include "libcore/base/time.hpp"
#include "libcore/cli/command.hpp"
#include "libcore/cli/table.hpp"

namespace netwatch {

enum class CheckScope { everything, basic, api };
enum class Passive { yes, no };
enum class ExitState { no, yes };

struct CheckOptions {
  core::Duration max_age = std::chrono::seconds{2};
  std::vector<std::string> endpoints;
  CheckScope scope = CheckScope::everything;
  Passive passive = Passive::yes;
  ExitState exit_state = ExitState::no;
  core::cli::Format format = core::cli::Format::text;

  // What is found is not the whole truth: it is shown, and not published.
  [[nodiscard]] bool is_partial() const {
    return !endpoints.empty() || scope != CheckScope::everything || passive == Passive::no;
  }
};

core::cli::Declaration<CheckOptions> check_command();

}  // namespace netwatch
