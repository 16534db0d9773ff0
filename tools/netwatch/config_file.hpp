// SPDX-License-Identifier: MIT
#pragma once

// A configuration file that a command changes.

#include <string>

#include "libcore/base/result.hpp"

namespace netwatch {

// Replaces the file, durably and as a whole; where it is a symbolic link, what it leads to. Folders
// on the way are made. Errors: denied, full, io.
core::Result<> replace_config(const std::string& path, const std::string& text);

}  // namespace netwatch
