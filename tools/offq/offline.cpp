// SPDX-License-Identifier: MIT
#include "tools/offq/offline.hpp"

#include "libcore/delivery/network.hpp"
#include "libcore/netstate/reading.hpp"
#include "libcore/sys/files.hpp"

namespace offq {

std::optional<std::string> why_offline(core::cli::Context& context) {
  const auto files = core::sys::RealFiles::at(context.directory);
  if (!files) return std::nullopt;
  const auto reading = core::netstate::read_network(*files, context.clock);
  if (!reading) {
    context.warn(reading.error().message);
    return std::nullopt;
  }
  const auto view = core::delivery::view_of(*reading, std::nullopt);
  return view.hold ? std::optional(view.hold->why) : std::nullopt;
}

}  // namespace offq
