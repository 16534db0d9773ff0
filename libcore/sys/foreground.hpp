// SPDX-License-Identifier: MIT
#pragma once

// Running a program in our place and staying to see how it ends: it has our terminal, our standard
// error and our process group, so that Ctrl-C reaches both; we leave that to it.

#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "libcore/base/result.hpp"
#include "libcore/sys/environment.hpp"
#include "libcore/sys/spawn.hpp"

namespace core::sys {

struct Foreground {
  std::string program{};  // a path
  std::vector<std::string> arguments{};
  std::optional<std::string> input{};  // absent: our standard input
  // Told what it prints on standard output, as it comes. Empty: that is our standard output.
  std::function<Result<>(std::string_view)> on_output{};
};

// Errors: not_found, denied, io, and what on_output returns; the program goes on then, with nobody
// to read what it prints.
Result<Ended> run_in_foreground(const Foreground& foreground);

// The path of a program as a shell finds it: what has a slash is a path from here, the rest is
// looked for in PATH. The result is absolute. Errors: not_found; denied when none of them may be
// run.
Result<std::string> find_program(const std::string& name, const Environment& environment);

// Errors: io.
Result<std::string> current_directory();

}  // namespace core::sys
