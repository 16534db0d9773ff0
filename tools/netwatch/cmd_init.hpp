// SPDX-License-Identifier: MIT
#pragma once

// netwatch init: who may be contacted to find out whether there is a network.

#include <string>
#include <vector>

#include "libcore/cli/command.hpp"

namespace netwatch {

enum class InitAnswer { ask, suggested, nobody };
enum class InitFor { user, queue };

struct InitOptions {
  InitAnswer answer = InitAnswer::ask;
  std::vector<std::string> endpoints;  // empty: as `answer` says
  InitFor target = InitFor::user;
};

core::cli::Declaration<InitOptions> init_command();

}  // namespace netwatch
