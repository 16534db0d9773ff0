// SPDX-License-Identifier: MIT
#pragma once

// What a document says, in words for people: pure.

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "libcore/netstate/document.hpp"
#include "libcore/netstate/state.hpp"

namespace core::netstate {

// "something answers in the place of others, as a login page does": offkit-network(5) in short.
std::string_view sentence_of(Reason reason);

// One look at one rung: what was seen, and what it cost. Numbers are absent where there are none.
struct Step {
  std::string rung;  // link, addr, route, passive, basic, api, siblings; empty: as above
  std::string at;    // family or endpoint; empty: the machine
  enum class Speaks { neither, for_it, against_it } speaks = Speaks::neither;  // for a connection
  std::string saw;
  std::optional<Duration> took{};
  std::optional<ByteCount> bytes{};
};

// From the cheapest rung to the dearest; `now` is for ages.
std::vector<Step> steps_of(const Document& document, Time now);

}  // namespace core::netstate

template <>
inline constexpr std::array<std::string_view, 3> core::enum_names<core::netstate::Step::Speaks>{
    "neither", "for", "against"};
