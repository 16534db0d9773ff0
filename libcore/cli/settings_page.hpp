// SPDX-License-Identifier: MIT
#pragma once

// The manual page offkit.conf(5) in mdoc(7), rendered from the tables of config/keys.

#include <string>

namespace core::cli {

// `date` is that of the release, as in Tool.
std::string settings_page(const std::string& date);

}  // namespace core::cli
