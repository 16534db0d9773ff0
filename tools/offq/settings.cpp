// SPDX-License-Identifier: MIT
#include "tools/offq/settings.hpp"

#include <string>

namespace offq {

core::config::Sources settings_sources(const core::cli::Context& context) {
  return {.environment = [&environment = context.environment](
                             std::string_view name) { return environment.get(std::string(name)); },
          .read_file = core::config::read_config_file,
          .queue_directory = context.directory};
}

core::Result<core::config::Config> load_settings(core::cli::Context& context) {
  return core::config::load_config(settings_sources(context));
}

}  // namespace offq
