// SPDX-License-Identifier: MIT
#pragma once

// The result of a probe as one line of JSON: what the helper program netwatch-probe hands over, and
// `netwatch probe --json` prints. offkit-network(5) says what its members are.

#include <string>
#include <string_view>

#include "libcore/base/result.hpp"
#include "libcore/net/probe_result.hpp"

namespace core::net {

// Without the end of the line.
std::string format_probe_line(const ProbeResult& result);

// Members that are not known are passed over, those that are missing keep their defaults. Errors:
// corrupt.
Result<ProbeResult> parse_probe_line(std::string_view line);

}  // namespace core::net
