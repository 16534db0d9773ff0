// SPDX-License-Identifier: MIT
#pragma once

// RFC 6901 pointers into JSON: "" is the whole, "/a/0/b~1c" the member "b/c" of element 0 of "a".

#include <string>
#include <string_view>
#include <vector>

#include "libcore/base/result.hpp"

namespace core::codec {

// The steps, escapes undone. Errors: usage.
Result<std::vector<std::string>> parse_json_pointer(std::string_view pointer);

}  // namespace core::codec
