// SPDX-License-Identifier: MIT
#include "tools/netwatch/options.hpp"

#include <fmt/core.h>

namespace netwatch {

using core::Errc;
using core::Result;

void bind_json(core::cli::Binder& binder, core::cli::Format& format, std::string_view what) {
  binder.flag("--json", fmt::format("Print {}.", what), format, core::cli::Format::json);
}

void bind_network(core::cli::Binder& binder, std::string& network) {
  binder.option("--network", "NAME",
                "On another network than the one in use, as `netwatch budget` names it.", network);
}

Result<> not_negative(std::string_view option, std::int64_t value) {
  if (value >= 0) return {};
  return core::fail(Errc::usage, fmt::format("invalid value: {}: must not be negative", option));
}

Result<> not_negative(std::string_view option, core::Duration value) {
  return not_negative(option, std::int64_t{value.count()});
}

Result<> more_than_nothing(std::string_view option, core::Duration value) {
  if (value > core::Duration{0}) return {};
  return core::fail(Errc::usage,
                    fmt::format("invalid value: {}: must be more than nothing", option));
}

}  // namespace netwatch
