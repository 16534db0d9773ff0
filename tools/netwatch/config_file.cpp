// SPDX-License-Identifier: MIT
#include "tools/netwatch/config_file.hpp"

#include <algorithm>
#include <filesystem>
#include <optional>
#include <system_error>
#include <utility>

#include <fmt/core.h>

#include "libcore/config/load.hpp"
#include "libcore/queue/layout.hpp"
#include "libcore/sys/fd.hpp"
#include "libcore/sys/files.hpp"
#include "libcore/sys/machine.hpp"
#include "libcore/sys/paths.hpp"
#include "libcore/sys/process.hpp"
#include "tools/netwatch/place.hpp"
#include "tools/netwatch/vocabulary.hpp"

namespace netwatch {
namespace {

namespace fs = std::filesystem;

// People link their files, perhaps to one that is still to be made.
std::string end_of_links(const std::string& path) {
  constexpr int k_most = 40;  // as the kernel's ELOOP
  std::error_code none;
  fs::path place = path;
  for (int i = 0; i < k_most && fs::is_symlink(place, none); ++i) {
    const auto target = fs::read_symlink(place, none);
    if (none) break;
    place = place.parent_path() / target;
  }
  return core::sys::RealMachine().resolve(place.string());
}

// Durably and as a whole. Folders on the way are made.
Result<> replace_config(const std::string& path, const std::string& text) {
  const auto place = end_of_links(path);
  const auto folder = core::sys::parent_path(place);
  std::error_code error;
  fs::create_directories(folder, error);
  if (error) return core::sys::io_error("make folder", folder, error.value());
  TRY_ASSIGN(auto files, core::sys::RealFiles::at(folder));
  const auto name = place.substr(place.rfind('/') + 1);
  const auto temporary = fmt::format(".{}.{}", name, core::sys::process_id());
  TRY(files.remove(temporary));
  TRY_ASSIGN(const auto lock, files.create(temporary, text));
  const auto before = fs::status(place, error);
  if (fs::exists(before)) {
    // Where that is not possible, it is this user's alone.
    fs::permissions(fs::path(folder) / temporary, before.permissions(), error);
  }
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

Result<ConfigPlace> queue_config(Context& context) {
  TRY_ASSIGN(const auto files, open_place(context));
  TRY_ASSIGN(auto lock, files->lock(path::k_netwatch_budget_lock, core::sys::Wait::yes));
  // As the loader spells it, or it would not know it again.
  return ConfigPlace{.path = core::config::config_files(settings_sources(context)).front(),
                     .lock = std::move(lock)};
}

}  // namespace netwatch
