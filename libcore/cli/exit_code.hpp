// SPDX-License-Identifier: MIT
#pragma once

// The exit codes of all programs of offkit, and which error leads to which.

#include <string_view>

#include "libcore/base/result.hpp"

namespace core::cli {

enum class ExitCode {
  ok = 0,  // done; the answer is yes
  no = 1,  // the answer is no; or some operations were failed by this run
  usage = 2,
  limited = 10,       // what the network is, for those who ask for the state
  disconnected = 11,  //
  corrupt = 65,
  not_found = 66,
  unavailable = 69,
  full = 73,
  io = 74,
  later = 75,
  denied = 77,
  config = 78,
  timeout = 124,
  interrupted = 130,
  terminated = 143,
};

ExitCode exit_code(Errc code);
// The general meaning, for help and man pages; a command may document a narrower one.
std::string_view meaning(ExitCode code);

}  // namespace core::cli
