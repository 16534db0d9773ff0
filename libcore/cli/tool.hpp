// SPDX-License-Identifier: MIT
#pragma once

// A program as data: its commands and what its help and man page say. main() of every program of
// offkit is `return core::cli::main(offq_tool(), argc, argv)`.

#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "libcore/base/result.hpp"
#include "libcore/cli/command.hpp"
#include "libcore/cli/context.hpp"
#include "libcore/sys/environment.hpp"

namespace core::cli {

struct Tool {
  std::string name = {};
  std::string summary = {};
  std::string description = {};
  std::string version = {};
  std::string date = {};  // of the release, "2026-11-21": man pages must not change daily
  std::vector<Command> commands = {};  // in the order of help
  std::vector<Example> examples = {};
  std::vector<Example> scripts = {};  // of many lines: examples for the manual page alone
  std::vector<Topic> environment = {};
  std::vector<Topic> files = {};
  std::vector<std::string> see_also = {};  // "offq-queue(5)"
  // What writes offkit.conf(5), in the one program that does: it needs what reads settings.
  std::string (*settings_page)(const std::string& date) = nullptr;

  [[nodiscard]] const Command* find(std::string_view name) const;
};

// The surfaces of a tool in the order of help, with the code of those that are in `complete` too;
// what they document stays the surface's.
std::vector<Command> with_code(std::vector<Command> surfaces, std::vector<Command> complete);

// Where a helper program is: in OFFKIT_LIBEXEC, or libexec/offkit beside the bin directory that
// this program was started from, so that the build tree, an installation and a copied tree all
// work. Errors: io.
Result<std::string> helper_path(const std::string& program, const sys::Environment& environment);

// Runs the command line of this process. The result is its exit code.
int main(const Tool& tool, int argc, char** argv);

// The same with every effect in `context`, which gains what the global options say. arguments[0]
// is the program. Commands that name a helper replace this process by it.
ExitCode run(const Tool& tool, std::span<const std::string> arguments, Context& context);

}  // namespace core::cli
