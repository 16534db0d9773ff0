// SPDX-License-Identifier: MIT
#pragma once

// An operation as a program hands it in: one line of `offq enqueue --ndjson`. The members are those
// of an envelope; what the queue itself gives (id, v, created_at, boot, sum) is ignored. Payload,
// meta and the like stay text, byte for byte. Needs no shared library.

#include <string_view>

#include "libcore/base/result.hpp"
#include "libcore/codec/envelope.hpp"

namespace core::codec {

// Unlike parse_envelope it refuses members that it does not know: here they are slips of the hand,
// not the work of a newer offkit. What it gives has passed check_draft (envelope.hpp). Errors:
// corrupt, naming the member; for malformed JSON with line and column.
Result<Envelope> parse_draft(std::string_view line);

}  // namespace core::codec
