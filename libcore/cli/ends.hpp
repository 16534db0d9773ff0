// SPDX-License-Identifier: MIT
#pragma once

// How commands can end, as far as they have it in common: what each of them documents besides its
// own. What a command says itself of a code goes before these.

#include <initializer_list>
#include <string>
#include <vector>

#include "libcore/cli/command.hpp"

namespace core::cli {

// What a command does, and so how it can fail.
enum class Does {
  reads,   // files of the queue directory: corrupt, io, denied
  writes,  // there, by the settings: full, io, denied, config
  waits,   // until a signal ends it: interrupted, terminated
};

// `own`, and what is not among them of how such commands end.
std::vector<ExitMeaning> exit_codes(std::vector<ExitMeaning> own, std::initializer_list<Does> does);

// Documents it, unless the command does.
void add_end(Doc& doc, ExitCode code, std::string meaning);

}  // namespace core::cli
