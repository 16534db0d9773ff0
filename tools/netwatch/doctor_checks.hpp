// SPDX-License-Identifier: MIT
#pragma once

// The examinations of `netwatch doctor`, each a sentence and what to do about it. They contact
// nobody, and write one file, in netwatch/ of the queue, that is removed again.

#include <array>
#include <string>
#include <string_view>
#include <vector>

#include "libcore/base/enum_names.hpp"
#include "libcore/base/result.hpp"
#include "libcore/cli/context.hpp"
#include "libcore/config/config.hpp"

namespace netwatch {

// warn: it works, and could be better.
enum class Level { ok, warn, fail };

struct Check {
  std::string name;
  Level level = Level::ok;
  std::string text;
  std::string hint{};                 // what to do; empty: nothing
  core::Errc cause = core::Errc::io;  // of a fail
};

// In the order of the report. `is_asked`: somebody has said who is contacted, be it nobody.
enum class Asked { no, yes };
std::vector<Check> examine(core::cli::Context& context, const core::config::Config& config,
                           Asked asked);

// "2 endpoints are contacted: …"
std::string sentence_of(const core::config::NetworkConfig& network);

}  // namespace netwatch

template <>
inline constexpr std::array<std::string_view, 3> core::enum_names<netwatch::Level>{"ok", "warn",
                                                                                   "fail"};
