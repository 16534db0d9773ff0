// SPDX-License-Identifier: MIT
#include "tools/netwatch/place.hpp"

#include <string>
#include <string_view>

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

core::config::Sources settings_sources(const core::cli::Context& context) {
  return {.environment = [&environment = context.environment](
                             std::string_view name) { return environment.get(std::string(name)); },
          .read_file = core::config::read_config_file,
          .queue_directory = context.directory};
}

core::Result<core::config::Config> load_settings(const core::cli::Context& context) {
  return core::config::load_config(settings_sources(context));
}

}  // namespace netwatch
