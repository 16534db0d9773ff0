// SPDX-License-Identifier: MIT
#pragma once

// JSON for eyes: only blanks between tokens change, so numbers, escapes and the order of members
// stay as they were; but what would command a terminal is escaped (DEL, C1 controls, bidi).

#include <string>
#include <string_view>

namespace core::codec {

// `json` must be JSON; each line after the first is indented by `indent` blanks more.
std::string pretty_json(std::string_view json, std::size_t indent = 0);

}  // namespace core::codec
