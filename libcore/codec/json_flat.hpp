// SPDX-License-Identifier: MIT
#pragma once

// Reading offkit's own small files (queue.json, usage.json, key pointers): one object of strings
// and whole numbers. Needs no shared library, so that enqueue can be linked without any.

#include <cstdint>
#include <map>
#include <string>
#include <string_view>

#include "libcore/base/result.hpp"

namespace core::codec {

using FlatObject = std::map<std::string, std::string>;

// Every member as text: strings decoded, the rest as written by nlohmann (numbers in decimal).
// Errors: corrupt when it is not one JSON object.
Result<FlatObject> parse_flat_object(std::string_view text);

// For members without which one can do: empty, or zero, when there is no such thing.
std::string text_of(const FlatObject& object, const std::string& name);
std::uint64_t number_of(const FlatObject& object, const std::string& name);
int small_number_of(const FlatObject& object, const std::string& name);

}  // namespace core::codec
