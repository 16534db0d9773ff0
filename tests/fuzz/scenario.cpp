// SPDX-License-Identifier: MIT
// Scenarios, which people send each other: what is read can be run, and time goes forwards in it.

#include "libcore/netstate/scenario.hpp"

#include "tests/fuzz/property.hpp"

using fuzz::must_hold;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const auto text = fuzz::text_of(data, size);
  const auto scenario = core::netstate::parse_scenario(text, "scenario");
  if (!scenario) {
    must_hold(scenario.error().message.starts_with("scenario:"), "a refusal says where", text);
    return 0;
  }
  must_hold(!scenario->events.empty(), "there is a beginning", text);
  core::Duration before{};
  for (const auto& event : scenario->events) {
    must_hold(event.at >= before, "time goes forwards", text);
    must_hold(event.world.loss >= 0 && event.world.loss <= 1, "a share is a share", text);
    before = event.at;
  }
  must_hold(scenario->policy.basic_endpoints == static_cast<int>(scenario->basic.size()),
            "endpoints are counted", text);
  return 0;
}
