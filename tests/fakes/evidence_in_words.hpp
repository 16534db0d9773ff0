// SPDX-License-Identifier: MIT
#pragma once

// Evidence in few words, for tests of what is made of it.

#include <string>
#include <utility>
#include <vector>

#include "libcore/netstate/evidence.hpp"

namespace fakes {

inline const core::netstate::FamilyLadder k_way_out{.link = core::netstate::Seen::yes,
                                                    .addr = core::netstate::Seen::yes,
                                                    .route = core::netstate::Seen::yes,
                                                    .interface = "eth0",
                                                    .gateway = "192.0.2.1"};
inline const core::netstate::FamilyLadder k_no_route{.link = core::netstate::Seen::yes,
                                                     .addr = core::netstate::Seen::yes,
                                                     .route = core::netstate::Seen::no,
                                                     .interface = {},
                                                     .gateway = {}};
inline const core::netstate::FamilyLadder k_no_addr{.link = core::netstate::Seen::yes,
                                                    .addr = core::netstate::Seen::no,
                                                    .route = core::netstate::Seen::no,
                                                    .interface = {},
                                                    .gateway = {}};
inline const core::netstate::FamilyLadder k_no_link{.link = core::netstate::Seen::no,
                                                    .addr = core::netstate::Seen::no,
                                                    .route = core::netstate::Seen::no,
                                                    .interface = {},
                                                    .gateway = {}};

inline core::net::ProbeResult probe(core::net::ProbeKind kind, core::net::ProbeOutcome outcome,
                                    std::string endpoint) {
  core::net::ProbeResult result;
  result.kind = kind;
  result.endpoint = std::move(endpoint);
  result.outcome = outcome;
  result.family = core::net::Family::v4;
  result.elapsed = std::chrono::milliseconds{20};
  return result;
}
inline core::net::ProbeResult tcp(core::net::ProbeOutcome outcome) {
  return probe(core::net::ProbeKind::tcp, outcome, "tcp://192.0.2.7:443");
}
inline core::net::ProbeResult tcp6(core::net::ProbeOutcome outcome) {
  auto result = probe(core::net::ProbeKind::tcp, outcome, "tcp://[2001:db8::7]:443");
  result.family = core::net::Family::v6;
  return result;
}
inline core::net::ProbeResult http(core::net::ProbeOutcome outcome) {
  return probe(core::net::ProbeKind::http, outcome, "http://probe.example.org/204");
}
inline core::net::ProbeResult api(core::net::ProbeOutcome outcome, int status = 0) {
  auto result = probe(core::net::ProbeKind::api, outcome, "https://api.example.com/health");
  result.status = status;
  return result;
}

}  // namespace fakes
