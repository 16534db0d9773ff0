// SPDX-License-Identifier: MIT
#pragma once

// What can be said of the network: the words of netwatch, each in one table. The state is what was
// found; the mode is what programs shall act on: it follows the state, or somebody has set it.

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "libcore/base/enum_names.hpp"
#include "libcore/base/time.hpp"
#include "libcore/net/family.hpp"

namespace core::netstate {

enum class State { connected, limited, disconnected };

// How programs shall behave.
enum class Mode { online, offline };

// Why the state is what it is. offkit-network(5) says what each means, and a test holds the two
// together.
enum class Reason {
  // connected
  ok,
  ok_v4_only,
  ok_v6_only,
  slow,
  basic_blocked,      // the API answers although nothing else does
  no_api_configured,  // something outside answers, and no more was asked for
  not_probed,         // links, addresses and routes are there; nobody is to be contacted
  // limited
  portal,
  dns_hijack,
  dns_failure,  // addresses can be reached, names are not resolved
  api_timeout,
  api_tls,
  api_5xx,
  api_dns,
  api_refused,
  clock_skew,  // a certificate is not valid yet, or no more, and the clock looks wrong
  // disconnected
  no_link,
  no_addr,
  no_route,
  probe_timeout,
  dns_timeout,
  unreachable,
  refused_all,
};

// Whether what is sent costs money by the byte.
enum class Metered { no, yes, guess_no, guess_yes, unknown };

// Who found out.
enum class Author { daemon, check };

using net::Family;
using net::k_families;

// What a family of addresses is good for.
enum class FamilyState { unknown, ok, no_addr, no_route, failed };

}  // namespace core::netstate

template <>
inline constexpr std::array<std::string_view, 3> core::enum_names<core::netstate::State>{
    "connected", "limited", "disconnected"};
template <>
inline constexpr std::array<std::string_view, 2> core::enum_names<core::netstate::Mode>{"online",
                                                                                        "offline"};
template <>
inline constexpr std::array<std::string_view, 23> core::enum_names<core::netstate::Reason>{
    "ok",          "ok-v4-only",    "ok-v6-only",
    "slow",        "basic-blocked", "no-api-configured",
    "not-probed",  "portal",        "dns-hijack",
    "dns-failure", "api-timeout",   "api-tls",
    "api-5xx",     "api-dns",       "api-refused",
    "clock-skew",  "no-link",       "no-addr",
    "no-route",    "probe-timeout", "dns-timeout",
    "unreachable", "refused-all"};
template <>
inline constexpr std::array<std::string_view, 5> core::enum_names<core::netstate::Metered>{
    "no", "yes", "guess-no", "guess-yes", "unknown"};
template <>
inline constexpr std::array<std::string_view, 2> core::enum_names<core::netstate::Author>{"daemon",
                                                                                          "check"};
template <>
inline constexpr std::array<std::string_view, 5> core::enum_names<core::netstate::FamilyState>{
    "unknown", "ok", "no-addr", "no-route", "failed"};
