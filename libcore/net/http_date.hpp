// SPDX-License-Identifier: MIT
#pragma once

// "Sun, 06 Nov 1994 08:49:37 GMT": the one date format that servers may write (RFC 9110 5.6.7).

#include <optional>
#include <string_view>

#include "libcore/base/time.hpp"

namespace core::net {

std::optional<Time> parse_http_date(std::string_view text);

}  // namespace core::net
