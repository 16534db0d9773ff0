// SPDX-License-Identifier: MIT
#include "tools/netwatch/open_budget.hpp"

#include <utility>

#include "tools/netwatch/place.hpp"

namespace netwatch {

void OpenBudget::tell_remarks(core::cli::Context& context) const {
  for (const auto& remark : budget->remarks())
    context.warn(remark);
}

core::Result<OpenBudget> open_budget(core::cli::Context& context, const std::string& network) {
  OpenBudget open;
  TRY_ASSIGN(const auto config, load_settings(context));
  TRY_ASSIGN(open.files, open_place(context));
  open.calendar = std::make_unique<core::sys::LocalCalendar>();
  if (network.empty()) {
    open.network = core::netstate::network_of(*open.files, context.clock, config.budget);
  } else {
    open.network.name = network;
  }
  open.budget = std::make_unique<core::netstate::Budget>(*open.files, context.clock, *open.calendar,
                                                         context.random, config.budget);
  return open;
}

core::Result<core::ByteCount> size_of(std::string_view text) {
  auto size = core::parse_size(text);
  if (!size) return core::wrap("invalid value: SIZE", size.error());
  return size;
}

}  // namespace netwatch
