// SPDX-License-Identifier: MIT
#pragma once

// Passive evidence: what the kernel knows of this machine's TCP connections to the outside
// (sock_diag(7), struct tcp_info), at no byte on the wire. Peers on the own links, loopback and
// private addresses (of containers, of another room) say nothing about the outside and are left
// out.

#include <cstdint>
#include <optional>
#include <span>

#include "libcore/base/result.hpp"
#include "libcore/base/time.hpp"
#include "libcore/net/links.hpp"

namespace core::net {

struct TcpEvidence {
  Duration age{};             // since the last segment from outside
  bool is_stalled = false;    // segments are sent again, and nothing has come back meanwhile
  std::uint32_t sockets = 0;  // that were looked at
};

// `own` are the addresses of this machine, whose networks are not the outside. nullopt: there is no
// connection to it. Errors: io, denied where the kernel does not tell.
Result<std::optional<TcpEvidence>> read_tcp_evidence(std::span<const Address> own);

}  // namespace core::net
