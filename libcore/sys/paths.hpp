// SPDX-License-Identifier: MIT
#pragma once

// Where things live, by the XDG Base Directory specification. Text only: nothing is touched.

#include <string>
#include <string_view>

#include "libcore/base/result.hpp"
#include "libcore/sys/environment.hpp"

namespace core::sys {

// "a/b"; `name` alone when it is absolute or `directory` is empty.
std::string join_path(std::string_view directory, std::string_view name);
// "a" of "a/b", "/" of "/b", "." of "b".
std::string parent_path(std::string_view path);

// ${XDG_STATE_HOME:-$HOME/.local/state}; a relative XDG_STATE_HOME is ignored, as the
// specification asks. Errors: config, when HOME is not set either.
Result<std::string> state_directory(const Environment& environment);
// The same for ${XDG_CONFIG_HOME:-$HOME/.config}.
Result<std::string> config_directory(const Environment& environment);

}  // namespace core::sys
