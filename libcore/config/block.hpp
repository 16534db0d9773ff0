// SPDX-License-Identifier: MIT
#pragma once

// A part of a configuration file that a program writes, between two lines of comment; the rest of
// the file is the user's, and stays as it is, byte for byte (pure).

#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "libcore/base/result.hpp"

namespace core::config {

using Settings = std::vector<std::pair<std::string, std::string>>;  // name in the section, value

// A section of the file that is one command's.
struct Block {
  std::string section;             // "network"
  std::string author;              // the command: "netwatch init"
  std::string purpose;             // for those who read the file
  std::vector<std::string> names;  // of its settings
  std::string lines;               // with the section's own, without the comments

  [[nodiscard]] std::string text() const;
};

// A section `network` with these endpoints; none of them says that nobody is to be contacted.
Block network_block(const std::vector<std::string>& basic, const std::vector<std::string>& check);

// A section `budget` with what is in the block of `text` already, changed by `settings`.
// Errors: config, when the block is no YAML.
Result<Block> budget_block(std::string_view text, const Settings& settings, std::string_view file);

// `text` with the block in the place of the one of this author that is there, or at its end.
// Errors: config, when it has a section of this name of the user's own, or is no YAML, before or
// after; `file` is for messages.
Result<std::string> with_block(std::string_view text, const Block& block, std::string_view file);

}  // namespace core::config
