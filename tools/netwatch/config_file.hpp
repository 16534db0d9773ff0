// SPDX-License-Identifier: MIT
#pragma once

// A configuration file that a command changes.

#include <string>

#include "libcore/base/result.hpp"
#include "libcore/cli/context.hpp"
#include "libcore/config/block.hpp"

namespace netwatch {

// The file of the queue, which is made if need be. Errors: as open_place.
core::Result<std::string> queue_config(core::cli::Context& context);

// Writes the block into the file, durably, and says so. Folders on the way are made; where the file
// is a symbolic link, what it leads to is written. Warns of places that go before it. Errors:
// config, when the settings would be wrong: then nothing is written; denied, full, io.
core::Result<> write_block(core::cli::Context& context, const std::string& path,
                           const core::config::Block& block);

}  // namespace netwatch
