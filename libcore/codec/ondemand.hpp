// SPDX-License-Identifier: MIT
#pragma once

// Reading JSON members with simdjson's on-demand parser, for the *_parse.cpp files of this module.
// Include it in no header: simdjson takes seconds to compile and is a shared library in Debian.
// Every function fails with corrupt, and a message that the caller puts the member's name before.

#include <cstdint>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include <simdjson.h>

#include "libcore/base/result.hpp"
#include "libcore/codec/envelope.hpp"

namespace core::codec {

using OnDemandValue = simdjson::ondemand::value;
using ReadMember = std::function<Result<>(std::string_view key, OnDemandValue value)>;

// Calls `read` for every member of the one object that `text` holds, in order. A key that repeats
// is refused, and so is what follows the object. simdjson looks only at the values that are read:
// `text` is trusted or was checked.
Result<> read_document(std::string_view text, const ReadMember& read);

// The same for a member that is an object.
Result<> read_members(OnDemandValue value, const ReadMember& read);

Result<std::string> read_text(OnDemandValue value);
Result<std::int64_t> read_integer(OnDemandValue value);
Result<std::uint64_t> read_unsigned(OnDemandValue value);
Result<int> read_count(OnDemandValue value);  // 0 and above
Result<bool> read_flag(OnDemandValue value);
Result<Time> read_time(OnDemandValue value);
// Byte for byte, without the blanks around it.
Result<std::string> read_raw(OnDemandValue value);
Result<std::string> read_raw_object(OnDemandValue value);

// What json_parts.hpp formats. The rules of check_header are the caller's business.
Result<std::vector<Header>> read_headers(OnDemandValue value);
Result<BlobRef> read_blob(OnDemandValue value);

tl::unexpected<Error> unknown_member(std::string_view key);

}  // namespace core::codec
