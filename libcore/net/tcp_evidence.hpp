// SPDX-License-Identifier: MIT
#pragma once

// Passive evidence: what the kernel knows of this machine's TCP connections to the outside
// (sock_diag(7), struct tcp_info), at no byte on the wire. Peers on the own links, loopback and
// private addresses of containers say nothing about the outside and are left out. Values only.

#include <cstdint>

#include "libcore/base/time.hpp"

namespace core::net {

struct TcpEvidence {
  Duration age{};             // since the last segment from outside
  bool is_stalled = false;    // segments are sent again, and nothing has come back meanwhile
  std::uint32_t sockets = 0;  // that were looked at
};

}  // namespace core::net
