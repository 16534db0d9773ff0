// SPDX-License-Identifier: MIT
#pragma once

// A part of a configuration file that a program writes, between two lines of comment; the rest of
// the file is the user's, and stays as it is, byte for byte (pure).

#include <string>
#include <string_view>
#include <vector>

#include "libcore/base/result.hpp"
#include "libcore/config/config.hpp"

namespace core::config {

// The lines of a section `network` with these endpoints; none of them says that nobody is to be
// contacted.
std::string network_block(const std::vector<std::string>& basic,
                          const std::vector<std::string>& check);

// `text` with the block in the place of the one that is there, or at its end. Errors: config, when
// it has a section `network` of the user's own, or is no YAML, before or after; `file` is for
// messages.
Result<std::string> with_network_block(std::string_view text, std::string_view block,
                                       std::string_view file);

}  // namespace core::config
