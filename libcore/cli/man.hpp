// SPDX-License-Identifier: MIT
#pragma once

// The manual page of a tool in mdoc(7), section 1, rendered from its tables.

#include <string>

#include "libcore/cli/tool.hpp"

namespace core::cli {

std::string man_page(const Tool& tool);

}  // namespace core::cli
