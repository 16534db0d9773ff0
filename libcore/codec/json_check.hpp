// SPDX-License-Identifier: MIT
#pragma once

// Is this text JSON (RFC 8259)? Numbers of any size, any depth, valid UTF-8 only. nlohmann's SAX
// parser stands behind it: unlike simdjson it needs no shared library, so enqueue starts fast.

#include <string_view>

#include "libcore/base/result.hpp"

namespace core::codec {

enum class JsonKind { object, array, string, number, boolean, null };

// The kind of the one value that `text` holds. Errors: corrupt, with line and column.
Result<JsonKind> check_json(std::string_view text);

}  // namespace core::codec
