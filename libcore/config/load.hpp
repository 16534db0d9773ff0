// SPDX-License-Identifier: MIT
#pragma once

// Loading the configuration. Each key is taken from the first place that has it: the environment,
// the queue's config.yaml, the user's, the system's, the default. Entries of `endpoints` and
// `types` are merged key by key in the same way. Command line flags come on top and are the
// commands' business.

#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "libcore/base/result.hpp"
#include "libcore/config/config.hpp"

namespace core::config {

struct Sources {
  // nullopt when unset; empty counts as unset.
  std::function<std::optional<std::string>(std::string_view name)> environment;
  // Of all variables that are set; absent: nobody asks for those that name no setting.
  std::function<std::vector<std::string>()> names{};
  // The whole file; nullopt when there is none. Follows symbolic links.
  std::function<Result<std::optional<std::string>>(const std::string& path)> read_file;
  std::string queue_directory;  // empty: there is no queue to take settings from
};

// The files that are looked at, the strongest first.
std::vector<std::string> config_files(const Sources& sources);

struct Loaded {
  Config config{};  // without the values that have problems
  // Code config; denied for a file that may not be read. "FILE:LINE: KEY: cause" or "VARIABLE:
  // cause".
  std::vector<Error> problems;
};

// Reports everything that is wrong: `offq config check`.
Loaded examine_config(const Sources& sources);

// For everybody else. Errors: config or denied, the first problem and how many more there are.
Result<Config> load_config(const Sources& sources);

// Sources::read_file for the real filesystem. Errors: denied; config for what is not a file of at
// most 1 MiB.
Result<std::optional<std::string>> read_config_file(const std::string& path);

}  // namespace core::config
