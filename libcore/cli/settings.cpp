// SPDX-License-Identifier: MIT
#include "libcore/cli/settings.hpp"

#include <string>
#include <string_view>

namespace core::cli {

config::Sources settings_sources(const Context& context) {
  return {.environment = [&environment = context.environment](
                             std::string_view name) { return environment.get(std::string(name)); },
          .names = [&environment = context.environment] { return environment.names(); },
          .read_file = config::read_config_file,
          .queue_directory = context.directory};
}

Result<config::Config> load_settings(const Context& context) {
  return config::load_config(settings_sources(context));
}

}  // namespace core::cli
