// SPDX-License-Identifier: MIT
#include "tools/netwatch/config_file.hpp"

#include <algorithm>
#include <filesystem>
#include <optional>
#include <system_error>

#include <fmt/core.h>

#include "libcore/config/load.hpp"
#include "libcore/sys/fd.hpp"
#include "libcore/sys/files.hpp"
#include "libcore/sys/machine.hpp"
#include "libcore/sys/paths.hpp"
#include "libcore/sys/process.hpp"
#include "tools/netwatch/place.hpp"
#include "tools/netwatch/vocabulary.hpp"

namespace netwatch {
namespace {

// Durably and as a whole; where it is a symbolic link, what it leads to. Folders on the way are
// made.
Result<> replace_config(const std::string& path, const std::string& text) {
  // People link their files.
  const auto place = core::sys::RealMachine().resolve(path);
  const auto folder = core::sys::parent_path(place);
  std::error_code error;
  std::filesystem::create_directories(folder, error);
  if (error) return core::sys::io_error("make folder", folder, error.value());
  TRY_ASSIGN(auto files, core::sys::RealFiles::at(folder));
  const auto name = place.substr(place.rfind('/') + 1);
  const auto temporary = fmt::format(".{}.{}", name, core::sys::process_id());
  TRY(files.remove(temporary));
  TRY_ASSIGN(const auto lock, files.create(temporary, text));
  TRY(core::sys::put_in_place(files, temporary, name));
  return files.sync_directory(".");
}

// Settings as they would be: what is wrong with a value is said before it is written.
Result<core::config::Config> settings_with(const Context& context, const std::string& path,
                                           const std::string& text) {
  auto sources = settings_sources(context);
  sources.read_file = [&path, &text](const std::string& file) {
    return file == path ? std::optional(text) : core::config::read_config_file(file);
  };
  return core::config::load_config(sources);
}

// A stronger place may have a say.
void warn_of_others(Context& context, const core::config::Config& config,
                    const core::config::Block& block, const std::string& path) {
  for (const auto& setting : config.settings) {
    const bool is_ours = std::ranges::any_of(block.names, [&](const std::string& name) {
      return setting.key == block.section + "." + name;
    });
    if (!is_ours || setting.origin.starts_with(path + ":")) continue;
    context.warn(fmt::format("{}: what {} says goes before it", setting.key, setting.origin));
  }
}

}  // namespace

Result<> write_block(Context& context, const std::string& path, const core::config::Block& block) {
  TRY_ASSIGN(const auto before, core::config::read_config_file(path));
  TRY_ASSIGN(const auto text, core::config::with_block(before.value_or(""), block, path));
  TRY_ASSIGN(const auto config, settings_with(context, path, text));
  if (text == before) {
    context.say(path + ": says so already");
  } else {
    TRY(replace_config(path, text));
    context.say(path + ": written");
  }
  warn_of_others(context, config, block, path);
  return {};
}

Result<std::string> queue_config(Context& context) {
  TRY_ASSIGN(const auto files, open_place(context));
  return core::sys::join_path(context.directory, "config.yaml");
}

}  // namespace netwatch
