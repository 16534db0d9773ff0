// SPDX-License-Identifier: MIT
#pragma once

// A configuration file that a command changes.

#include <string>

#include "libcore/base/result.hpp"
#include "libcore/cli/context.hpp"
#include "libcore/config/block.hpp"
#include "libcore/sys/fd.hpp"

namespace netwatch {

// A file that only this process changes while the lock is held.
struct ConfigPlace {
  std::string path;
  core::sys::Fd lock{};
};

// The file of the queue, which is made if need be; waits for others who change it. Errors: as
// open_place, io, interrupted, terminated.
core::Result<ConfigPlace> queue_config(core::cli::Context& context);

// Writes the block into the file, durably, and says so. Folders on the way are made; where the file
// is a symbolic link, what it leads to is written; its mode stays. Warns of places that go before
// it. Errors: config, when the settings would be wrong: then nothing is written; denied, full, io.
core::Result<> write_block(core::cli::Context& context, const std::string& path,
                           const core::config::Block& block);

}  // namespace netwatch
