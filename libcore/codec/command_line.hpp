// SPDX-License-Identifier: MIT
#pragma once

// The member `command` of an operation that is a command to be run (offq-queue(5)): only `offq run`
// writes one. Text to values and back. Needs no shared library.

#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "libcore/base/result.hpp"
#include "libcore/base/time.hpp"

namespace core::codec {

// The type of such operations.
inline constexpr const char* k_command_type = "command";

struct CommandLine {
  std::string queue{};    // the one that it was written into: it is run from no other
  std::string program{};  // an absolute path
  std::vector<std::string> arguments{};  // without argv[0], which is the program
  std::string directory{};               // where it runs; absolute
  std::vector<std::pair<std::string, std::string>> environment{};  // all of it
  Duration timeout{};

  bool operator==(const CommandLine&) const = default;
};

// One JSON object. Errors: usage for text that is not UTF-8, which JSON cannot hold, or has a NUL.
Result<std::string> format_command(const CommandLine& command);
// Errors: corrupt.
Result<CommandLine> parse_command(std::string_view json_object);

// Program and arguments as a shell takes them: in quotes what is empty, or has more than what means
// nothing to any shell.
std::string shell_text(const CommandLine& command);

}  // namespace core::codec
