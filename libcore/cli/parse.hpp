// SPDX-License-Identifier: MIT
#pragma once

// From words to options and operands. Finding them is separate from assigning them, so that
// `list --limit x --help` can show help before anything complains.

#include <span>
#include <string>
#include <utility>
#include <vector>

#include "libcore/base/result.hpp"
#include "libcore/cli/command.hpp"

namespace core::cli {

struct ParsedLine {
  std::vector<std::pair<const Option*, std::string>> values;  // as they were typed
  std::vector<std::string> operands;                          // "--" removed
};

// everywhere: options and operands may mix. leading: stop at the first operand; it and all that
// follows it are operands.
enum class Options { everywhere, leading };

// Errors: usage: an unknown option (with the nearest known one), a missing or a forbidden value.
// `command` is named in messages; empty for none.
Result<ParsedLine> parse(std::span<const Option* const> options, std::span<const std::string> words,
                         Options where, const std::string& command);

// Gives the values of these options to their targets. Options that are not among them are left.
Result<> assign_options(const ParsedLine& line, const std::vector<Option>& options);
// Errors: usage: too few, too many, a bad value.
Result<> assign_operands(const ParsedLine& line, const std::vector<Operand>& operands);

std::vector<const Option*> pointers_to(const std::vector<Option>& options);

}  // namespace core::cli
