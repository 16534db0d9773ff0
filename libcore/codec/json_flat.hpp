// SPDX-License-Identifier: MIT
#pragma once

// Reading offkit's own small files (queue.json, usage.json, key pointers): one object of strings
// and whole numbers. Needs no shared library, so that enqueue can be linked without any.

#include <map>
#include <string>
#include <string_view>

#include "libcore/base/result.hpp"

namespace core::codec {

// Every member as text: strings decoded, the rest as written by nlohmann (numbers in decimal).
// Errors: corrupt when it is not one JSON object.
Result<std::map<std::string, std::string>> parse_flat_object(std::string_view text);

}  // namespace core::codec
