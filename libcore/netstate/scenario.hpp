// SPDX-License-Identifier: MIT
#pragma once

// A scenario for `netwatch simulate`: what a network does over time, as YAML (offkit-network(5),
// SCENARIOS). Text to values; simulation.hpp runs it.

#include <array>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "libcore/base/enum_names.hpp"
#include "libcore/base/result.hpp"
#include "libcore/base/time.hpp"
#include "libcore/net/prober.hpp"
#include "libcore/netstate/monitor.hpp"
#include "libcore/netstate/timing.hpp"
#include "libcore/netstate/verdict.hpp"

namespace core::netstate {

enum class Link { up, down };
enum class Upstream { ok, silent, refused, unreachable };
enum class NameService { ok, silent, refused, hijacked };
enum class Portal { off, on };
enum class Costs { no, yes };
enum class ClockIs { ok, doubtful };

// The network at one moment.
struct World {
  Link link = Link::up;
  std::array<bool, 2> has_address{true, false};  // by Family
  std::array<bool, 2> has_route{true, false};
  std::array<bool, 2> is_black_hole{};
  std::string interface = "eth0";
  std::string gateway = "192.0.2.1";
  Upstream upstream = Upstream::ok;
  double loss = 0;  // of each packet, from 0 to 1
  Duration rtt = std::chrono::milliseconds{30};
  std::vector<std::string> silent;  // endpoints that do not answer
  Portal portal = Portal::off;
  NameService dns = NameService::ok;
  net::ProbeOutcome api = net::ProbeOutcome::answered;
  int api_status = 200;
  std::optional<Duration> traffic;  // between exchanges of the machine's own; absent: none
  Costs metered = Costs::no;
  ClockIs clock = ClockIs::ok;

  [[nodiscard]] bool has_way(Family family) const {
    const auto i = static_cast<std::size_t>(family);
    return link == Link::up && has_address[i] && has_route[i];
  }
  [[nodiscard]] Ladder ladder() const;
};

enum class SiblingSays { nothing, delivered, failed };

struct Event {
  Duration at{};
  World world;       // from then on
  Duration sleep{};  // how long the machine sleeps then
  SiblingSays sibling = SiblingSays::nothing;
  bool is_asked = false;  // somebody wants to know
};

struct Scenario {
  Duration length = std::chrono::hours{1};
  Policy policy;
  Timing timing;
  std::vector<net::ProbeTarget> basic;
  std::vector<std::string> check;  // URLs
  std::vector<Event> events;       // in the order of time; the first is the beginning
};

// Errors: config, "file:line: cause".
Result<Scenario> parse_scenario(std::string_view text, std::string_view file);

}  // namespace core::netstate

template <>
inline constexpr std::array<std::string_view, 2> core::enum_names<core::netstate::Link>{"up",
                                                                                        "down"};
template <>
inline constexpr std::array<std::string_view, 4> core::enum_names<core::netstate::Upstream>{
    "ok", "silent", "refused", "unreachable"};
template <>
inline constexpr std::array<std::string_view, 4> core::enum_names<core::netstate::NameService>{
    "ok", "silent", "refused", "hijacked"};
template <>
inline constexpr std::array<std::string_view, 2> core::enum_names<core::netstate::Portal>{"off",
                                                                                          "on"};
template <>
inline constexpr std::array<std::string_view, 2> core::enum_names<core::netstate::Costs>{"no",
                                                                                         "yes"};
template <>
inline constexpr std::array<std::string_view, 2> core::enum_names<core::netstate::ClockIs>{
    "ok", "doubtful"};
template <>
inline constexpr std::array<std::string_view, 3> core::enum_names<core::netstate::SiblingSays>{
    "nothing", "delivered", "failed"};
