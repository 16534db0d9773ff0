// SPDX-License-Identifier: MIT
#pragma once

// netwatch init: who may be contacted to find out whether there is a network.

#include <string>
#include <vector>

#include "libcore/cli/command.hpp"

namespace netwatch {

enum class TakeSuggested { no, yes };
enum class ContactNobody { no, yes };
enum class InitFor { user, queue };

struct InitOptions {
  // At most one of these; none: the terminal is asked.
  TakeSuggested suggested = TakeSuggested::no;
  ContactNobody nobody = ContactNobody::no;
  std::vector<std::string> endpoints;
  InitFor target = InitFor::user;
};

core::cli::Declaration<InitOptions> init_command();

}  // namespace netwatch
