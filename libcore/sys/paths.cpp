// SPDX-License-Identifier: MIT
#include "libcore/sys/paths.hpp"

namespace core::sys {
namespace {

Result<std::string> base_directory(const Environment& environment, const std::string& variable,
                                   std::string_view below_home) {
  const auto value = environment.value_or_nothing(variable);
  if (value && value->front() == '/') return *value;
  const auto home = environment.value_or_nothing("HOME");
  if (!home) return fail(Errc::config, "neither " + variable + " nor HOME is set");
  return join_path(*home, below_home);
}

}  // namespace

std::string join_path(std::string_view directory, std::string_view name) {
  if (directory.empty() || name.starts_with('/')) return std::string(name);
  std::string path(directory);
  if (path.back() != '/') path += '/';
  path += name;
  return path;
}

std::string parent_path(std::string_view path) {
  const auto slash = path.rfind('/');
  if (slash == std::string_view::npos) return ".";
  return std::string(path.substr(0, slash == 0 ? 1 : slash));
}

Result<std::string> state_directory(const Environment& environment) {
  return base_directory(environment, "XDG_STATE_HOME", ".local/state");
}

Result<std::string> config_directory(const Environment& environment) {
  return base_directory(environment, "XDG_CONFIG_HOME", ".config");
}

}  // namespace core::sys
