// SPDX-License-Identifier: MIT
#include "tools/netwatch/config_file.hpp"

#include <filesystem>
#include <system_error>

#include <fmt/core.h>

#include "libcore/sys/fd.hpp"
#include "libcore/sys/files.hpp"
#include "libcore/sys/machine.hpp"
#include "libcore/sys/paths.hpp"
#include "libcore/sys/process.hpp"

namespace netwatch {

core::Result<> replace_config(const std::string& path, const std::string& text) {
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

}  // namespace netwatch
