// SPDX-License-Identifier: MIT
#pragma once

// What envelopes and receipts are both made of: headers, references to blobs, the seal. For the
// other files of this module.

#include <string>
#include <string_view>
#include <vector>

#include "libcore/codec/envelope.hpp"

namespace core::codec {

// An object when no name repeats (case does not count), else an array of [name, value] pairs.
std::string format_headers(const std::vector<Header>& headers);
std::string format_blob(const BlobRef& blob);

enum class SealState { good, broken, absent };

// `absent` when the line does not end as format_envelope ends one.
SealState seal_state(std::string_view line);

}  // namespace core::codec
