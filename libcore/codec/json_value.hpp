// SPDX-License-Identifier: MIT
#pragma once

// Looking into JSON without a document model: raw text in, raw text out, so that no number and no
// escape changes on the way. For answers of servers and small configuration-like objects. Needs
// simdjson and nlohmann; programs that link statically use json_members.hpp instead.

#include <optional>
#include <string>
#include <string_view>

#include "libcore/base/result.hpp"

namespace core::codec {

// The raw text of the value at an RFC 6901 pointer ("" is the whole, "/a/0/b~1c"); nullopt when
// nothing is there. Of a key that repeats the first counts. Errors: corrupt; usage for a pointer
// that is malformed.
Result<std::optional<std::string>> json_at(std::string_view text, std::string_view pointer);

// Whether both are JSON and say the same: order of keys, blanks, escapes and the way a number is
// written do not matter. Numbers are compared as doubles where they are not whole. What is nested
// deeper than 500 levels is equal only byte for byte.
bool json_equal(std::string_view a, std::string_view b);

}  // namespace core::codec
