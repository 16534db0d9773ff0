// SPDX-License-Identifier: MIT
#include "tools/netwatch/place.hpp"

#include "libcore/queue/directory.hpp"
#include "libcore/queue/layout.hpp"

namespace netwatch {

core::Result<std::unique_ptr<core::sys::Files>> open_place(core::cli::Context& context) {
  if (context.directory.empty()) {
    return core::fail(core::Errc::config,
                      "open queue: HOME is not set: name a directory with --dir");
  }
  TRY_ASSIGN(auto files, core::queue::open_directory(context.directory, core::queue::Create::yes,
                                                     context.clock, context.random));
  TRY(files->make_directory(core::queue::path::k_netwatch));
  return files;
}

}  // namespace netwatch
